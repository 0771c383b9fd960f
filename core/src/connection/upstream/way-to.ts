import type { Upstream } from '../../entities/rows.ts'
import type { Host } from '../host.ts'
import type { Way } from '../warm/preconnections.ts'
import { sentName, serviceTls, type SecuringHost } from './upstream-tls.ts'
import type { WarmPeer, WarmPool } from '../warm/warm-peers.ts'

/**
 * How clients that are still to come will speak to a peer: as those of the oldest service of its upstream. Undefined
 * where that cannot be known before the client: there is no such service, or each client gets a header of its own.
 */
export function wayTo(
  host: SecuringHost & Pick<Host, 'isOwn'>,
  { upstream }: WarmPool,
  { place }: WarmPeer,
): Way | undefined {
  if (host.isOwn(place.ip, place.port) || upstream.proxy_protocol) return undefined
  const services = host.configuration.servicesAt(upstream.name)
  const service = services.find(({ proxy_protocol }) => !proxy_protocol)
  if (!service) return undefined
  const name = sentName(calledName(upstream, place.host))
  const isTls = service.protocol === 'tls'
  return { tls: isTls ? serviceTls(host, service, name, upstream) : undefined }
}

/** What a target is called where TLS is spoken to it; Kong's host_header may have a port, which is no part of a name. */
export function calledName({ host_header }: Upstream, host: string): string {
  return host_header?.replace(/:\d+$/, '') ?? host
}
