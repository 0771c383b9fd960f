import type { PluginError } from '../plugin-error.ts'

/** How a connection ended, before anything is derived from it. */
export interface Fate {
  readonly outcome: 'proxied' | 'rejected' | 'ended' | 'failed'
  /** `side.phase.cause`, as the gateway names it. */
  readonly ending: string
  readonly reason?: string
  readonly farewell?: Uint8Array
  /** The farewell is for the inside of TLS. */
  readonly overTls?: true
  readonly error?: PluginError
}

/** Thrown to leave the walk through the phases; the gateway has the same fates. */
export class Ended extends Error {
  override readonly name = 'Ended'
  readonly fate: Fate

  constructor(fate: Fate) {
    super(fate.reason ?? fate.ending, { cause: fate.error })
    this.fate = fate
  }
}

/** Kong's stream status of the endings that the kit can bring about. */
export function statusOf(ending: string): number {
  if (ending.startsWith('plugin.')) return causes[ending.slice(ending.lastIndexOf('.') + 1)] ?? 500
  return statuses[ending] ?? 200
}

const causes: Readonly<Record<string, number>> = { rejected: 403, ended: 200 }

const statuses: Readonly<Record<string, number>> = {
  'client.preread.timeout': 400,
  'client.tls.handshake_failed': 400,
  'gateway.service.none': 503,
  'gateway.target.none': 503,
  'upstream.connect.refused': 502,
}
