import { isIP } from 'node:net'
import type { TargetTls } from '@kong-ts/pdk'
import type { Service, Upstream } from '../../entities/rows.ts'
import type { ClientTls } from '../../transport/transport.ts'
import type { Host } from '../host.ts'
import type { Matched } from '../phases/preread.ts'

/** What of a worker TLS to upstreams needs. */
export type SecuringHost = Pick<Host, 'configuration' | 'trusted' | 'clientCertificate'>

/**
 * How to speak TLS to an upstream, or undefined when the service does not.
 * @param name what the upstream is called: the host of the service or target, or what stands for it
 * @param upstream the one that the service names, if it does
 */
export function upstreamTls(
  matched: Matched,
  name: string,
  upstream?: Upstream,
): ClientTls | undefined {
  const { session, service, protocol } = matched
  if (service.protocol !== 'tls' || protocol === 'tls_passthrough') return undefined
  return serviceTls(session.host, service, serverName(matched, name), upstream)
}

/** The same for a target of which a plugin has said how TLS is spoken to it, whatever the service does. */
export function targetTls(
  matched: Matched,
  name: string,
  upstream: Upstream | undefined,
  { serverName: own, verify, ca }: TargetTls,
): ClientTls {
  const { session, service } = matched
  return {
    ...serviceTls(session.host, service, own ?? serverName(matched, name), upstream),
    ...(verify !== undefined && { verify }),
    ...(ca && { ca }),
  }
}

/** How the gateway speaks TLS for a service that asks for it, whoever its client is. */
export function serviceTls(
  host: SecuringHost,
  service: Service,
  name: string | undefined,
  upstream: Upstream | undefined,
): ClientTls {
  const ca = authorities(host, service)
  const certificate = clientCertificate(host, service, upstream)
  return {
    verify: service.tls_verify ?? false,
    ...(name !== undefined && { serverName: name }),
    ...(service.tls_verify_depth !== null && { verifyDepth: service.tls_verify_depth }),
    ...(ca && { ca }),
    ...(certificate && { certificate }),
  }
}

function serverName({ session, route }: Matched, name: string): string | undefined {
  const asked = route.preserve_host ? session.seen.hello?.serverName : undefined
  return asked ?? sentName(name)
}

/** RFC 6066 section 3: a literal address is no server name. */
export function sentName(name: string): string | undefined {
  return isIP(name) === 0 && !name.startsWith('unix:') ? name : undefined
}

function authorities(
  { configuration, trusted }: SecuringHost,
  service: Service,
): readonly string[] | undefined {
  if (!service.ca_certificates || service.ca_certificates.length === 0) return trusted
  // An id that leads nowhere verifies nothing: the list gets shorter, never wider.
  return service.ca_certificates.flatMap((id) => configuration.authority(id)?.cert ?? [])
}

function clientCertificate(
  host: SecuringHost,
  service: Service,
  upstream: Upstream | undefined,
): ClientTls['certificate'] {
  const named = service.client_certificate ?? upstream?.client_certificate
  if (!named) return host.clientCertificate
  const row = host.configuration.certificate(named.id)
  return row && { cert: row.cert, key: row.key }
}
