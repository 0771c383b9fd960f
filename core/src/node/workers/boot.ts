import { randomUUID } from 'node:crypto'
import { getCACertificates } from 'node:tls'
import type { Endpoint } from '@kong-ts/pdk'
import { loadDefaultCertificates } from '../../certificates/default.ts'
import type { CertifiedKey } from '../../certificates/self-signed.ts'
import type { Settings } from '../../settings/schema.ts'
import type { Bound } from './bind.ts'

/** Milliseconds that the `setup` of a plugin may take; afterwards it vetoes the change it belongs to. */
export const setupTime = 10_000

/** What every worker of a node is made with: plain data, sent once. */
export interface Boot {
  /** Tells the workers of one start or reload from those of another. */
  readonly id: string
  readonly settings: Settings
  /** Where plugins named by a relative path are looked for. */
  readonly cwd: string
  readonly defaults: readonly CertifiedKey[]
  /** From which session tickets are derived, so that workers resume each other's sessions. */
  readonly ticketSecret: Uint8Array
  /** PEM; undefined: what Node trusts by itself. */
  readonly trusted: readonly string[] | undefined
}

/** How a listener is to be opened, whoever has its socket. */
export interface DoorOptions {
  readonly address: Endpoint
  readonly ipv6Only: boolean
  readonly backlog: number
  /** Seconds. */
  readonly keepAlive: number
  /** Whether every connection begins with a PROXY header. */
  readonly proxyProtocol: boolean
}

/** @throws Error naming the setting or file that cannot be used */
export async function prepareBoot(
  settings: Settings,
  around: { readonly cwd: string; readonly ticketSecret: Uint8Array },
): Promise<{ boot: Boot; warnings: readonly string[] }> {
  const { prefix, ssl_cert, ssl_cert_key } = settings
  const defaults = await loadDefaultCertificates(prefix, ssl_cert, ssl_cert_key)
  const trusted = trustedCertificates(settings.trusted_certificate)
  const boot = { id: randomUUID(), settings, ...around, defaults: defaults.pairs, trusted }
  return { boot, warnings: defaults.warnings }
}

export function doorOptions({ listen, address }: Bound, settings: Settings): DoorOptions {
  const keepAlive = Math.round((listen.keepAlive ?? settings.tcp_keepalive) / 1000)
  const { backlog, proxyProtocol, ipv6Only } = listen
  return { address, ipv6Only, backlog, keepAlive, proxyProtocol }
}

/** Undefined leaves it to the transport, which trusts the system's authorities by itself. */
function trustedCertificates({
  system,
  pem,
}: Settings['trusted_certificate']): readonly string[] | undefined {
  if (!system) return pem
  if (pem.length === 0) return undefined
  const known = getCACertificates('system')
  // A machine without a bundle has Node's own list of Mozilla's authorities.
  return [...(known.length > 0 ? known : getCACertificates('default')), ...pem]
}
