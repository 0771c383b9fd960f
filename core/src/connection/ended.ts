import type { Rejection } from '@kong-ts/pdk'
import { pluginEnding, type Ending } from '../errors/endings.ts'
import { messageOf } from '../errors/message-of.ts'
import { PluginFailure } from '../errors/plugin-failure.ts'
import type { Answer } from '../pipeline/walk.ts'
import { TransportError, type TransportFailure } from '../transport/transport.ts'

/** A connection has come to its end, or must not go on. */
export class Ended {
  readonly ending: Ending
  readonly reason: string | undefined
  readonly farewell: Uint8Array | undefined
  /** Of a plugin, for the error log. */
  readonly failure: PluginFailure | undefined

  constructor(ending: Ending, reason?: string, farewell?: Uint8Array, failure?: PluginFailure) {
    this.ending = ending
    this.reason = reason
    this.farewell = farewell
    this.failure = failure
  }
}

export function rejectedBy({ plugin, value }: Answer<Rejection>): Ended {
  return new Ended(pluginEnding(plugin, 'rejected'), value.reason, value.farewell)
}

const whilePeeking: { readonly [F in TransportFailure]?: Ending } = {
  timeout: 'client.preread.timeout',
  reset: 'client.reset',
  closed: 'client.preread.closed',
}

/** How a connection ends for which something was thrown. */
export function endedBy(thrown: unknown): Ended {
  if (thrown instanceof PluginFailure) {
    // A plugin that lets a failed peek pass is not to blame for it.
    if (thrown.cause instanceof TransportError) return endedBy(thrown.cause)
    const { plugin, kind, reason } = thrown
    return new Ended(pluginEnding(plugin, kind), reason, undefined, thrown)
  }
  if (thrown instanceof TransportError) {
    return new Ended(whilePeeking[thrown.failure] ?? 'gateway.error', thrown.message)
  }
  return new Ended('gateway.error', messageOf(thrown))
}
