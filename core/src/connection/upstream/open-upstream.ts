import { performance } from 'node:perf_hooks'
import type { Place } from '../../balancing/places.ts'
import type { Service, Upstream } from '../../entities/rows.ts'
import type { ClientTls, ConnectOptions, Outbound } from '../../transport/transport.ts'
import { announce } from './announce.ts'
import { connectEither } from './either-address.ts'
import type { Matched } from '../phases/preread.ts'
import type { Session } from '../session.ts'
import type { Chosen } from './source.ts'
import { targetTls, upstreamTls } from './upstream-tls.ts'
import { calledName } from './way-to.ts'
import { patienceOf } from './with-patience.ts'

/** What is to be reached. */
export interface Aim extends Chosen {
  /** The upstream that the service names, if it does. */
  readonly upstream: Upstream | undefined
}

/** What the upstream is called where TLS is spoken to it. */
function nameOf({ service }: Matched, { target, peer, upstream }: Aim): string {
  if (!peer) return target.host
  return upstream ? calledName(upstream, peer.place.host) : service.host
}

/** What comes to be known while a connection is opened. */
export interface Met {
  /** The address that is, or was, tried. */
  ip: string | undefined
  /** Milliseconds that the connect took, where it was made before. */
  took: number | undefined
  isTls: boolean
}

function tlsOf(matched: Matched, aim: Aim): ClientTls | undefined {
  const { upstream, terms } = aim
  if (terms?.tls === false) return undefined
  const name = nameOf(matched, aim)
  return terms?.tls
    ? targetTls(matched, name, upstream, terms.tls)
    : upstreamTls(matched, name, upstream)
}

/** Milliseconds that the connect may take. */
function patienceFor(service: Service, { terms }: Aim): number {
  return terms?.timeouts?.connect ?? patienceOf(service)
}

/** Opens a connection to a place, or takes one that was made before. @throws TransportError */
export function openUpstream(
  matched: Matched,
  aim: Aim,
  place: Place,
  met: Met,
): Promise<Outbound> {
  const { session, service } = matched
  const tls = tlsOf(matched, aim)
  met.isTls = tls !== undefined
  const first = announce(matched, aim.upstream)
  const options = {
    deadline: performance.now() + patienceFor(service, aim),
    keepAlive: session.host.limits.keepAlive,
    ...(tls && { tls }),
    ...(first && { first }),
  }
  // A header tells of the client: what was connected before it came has none.
  const taking = first || !aim.peer ? undefined : session.host.preconnections.take(aim.peer, tls)
  if (!taking) return dial(session, place, options, met)
  return taking.then((warm) => {
    if (!warm) return dial(session, place, options, met)
    met.took = warm.took
    return warm.outbound
  })
}

function dial(
  { inbound, host }: Session,
  { ip, port, spare }: Place,
  options: ConnectOptions,
  met: Met,
): Promise<Outbound> {
  // A loop through the other family is one, too.
  if (spare === undefined || host.isOwn(spare, port)) {
    return inbound.connect({ address: ip, port }, options)
  }
  const dialling = {
    open: (address: string) => inbound.connect({ address, port }, options),
    decided: (address: string) => void (met.ip = address),
  }
  return connectEither({ first: ip, spare }, dialling)
}
