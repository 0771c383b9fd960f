import { isIP } from 'node:net'
import type { Service, Upstream } from '../entities/rows.ts'
import type { ClientTls } from '../transport/transport.ts'
import type { Host } from './host.ts'
import type { Matched } from './preread.ts'

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
  const ca = authorities(session.host, service)
  const certificate = clientCertificate(session.host, service, upstream)
  return {
    verify: service.tls_verify ?? false,
    ...serverName(matched, name),
    ...(service.tls_verify_depth !== null && { verifyDepth: service.tls_verify_depth }),
    ...(ca && { ca }),
    ...(certificate && { certificate }),
  }
}

/** RFC 6066 section 3: a literal address is no server name. */
function serverName({ session, route }: Matched, name: string): Pick<ClientTls, 'serverName'> {
  const asked = route.preserve_host ? session.seen.hello?.serverName : undefined
  if (asked !== undefined) return { serverName: asked }
  return isIP(name) === 0 && !name.startsWith('unix:') ? { serverName: name } : {}
}

function authorities(
  { configuration, trusted }: Host,
  service: Service,
): readonly string[] | undefined {
  if (!service.ca_certificates || service.ca_certificates.length === 0) return trusted
  // An id that leads nowhere verifies nothing: the list gets shorter, never wider.
  return service.ca_certificates.flatMap((id) => configuration.authority(id)?.cert ?? [])
}

function clientCertificate(
  host: Host,
  service: Service,
  upstream: Upstream | undefined,
): ClientTls['certificate'] {
  const named = service.client_certificate ?? upstream?.client_certificate
  if (!named) return host.clientCertificate
  const row = host.configuration.certificate(named.id)
  return row && { cert: row.cert, key: row.key }
}
