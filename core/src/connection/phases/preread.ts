import type { Awaitable, Protocol, Rejection } from '@kong-ts/pdk'
import type { Route, Service } from '../../entities/rows.ts'
import { nobody } from '../../pipeline/pipeline.ts'
import type { Answer } from '../../pipeline/walk.ts'
import type { Open } from './accept.ts'
import { Ended, endedBy } from '../ended.ts'
import { refuse } from '../refuse.ts'
import type { Session } from '../session.ts'
import { sniff, sniffHello, type Sniffed } from '../client/sniff.ts'

/** A connection with a route and a service, which its plugins let pass. */
export interface Matched {
  readonly session: Session
  readonly route: Route
  readonly service: Service
  readonly protocol: Protocol
  /** The client said nothing in time, so that the server may speak first; its first bytes may still change the route. */
  readonly silent: boolean
}

/** Phase preread: the route, then its plugins. Without a route that needs bytes, nobody reads one. */
export function preread({ session }: Open): Awaitable<Matched | Ended> {
  const { configuration } = session.host
  const { plain, tls } = configuration.candidates(session.seen.client, session.seen.listener)
  if (tls) return sniff(session, plain, (sniffed) => enter(session, sniffed))
  if (!plain) return new Ended('gateway.route.none')
  return enter(session, { route: plain, hello: undefined, silent: false })
}

/** Lets the plugins of the route have their say. */
export function enter(session: Session, sniffed: Sniffed | Ended): Awaitable<Matched | Ended> {
  if (sniffed instanceof Ended) return sniffed
  const { route, hello } = sniffed
  const { configuration } = session.host
  const protocol = sniffed.protocol ?? protocolOf(route, hello !== undefined)
  session.enter(configuration.pipelineFor(route, protocol))
  // Who chose a service for the first routing is not asked again for the second.
  const known = session.forwarded ? session.seen.service : configuration.serviceOf(route)
  const routed = session.seen.matched(route, known, protocol, hello)
  const { phases } = session.pipeline
  if (phases.preread === nobody) return pass(session, sniffed, protocol)
  session.firstBytes.open()
  session.choosing = true
  const go = (verdict: Answer<Rejection> | undefined): Awaitable<Matched | Ended> => {
    session.choosing = false
    const { saying } = session.firstBytes
    return saying
      ? saying.then(() => decide(session, sniffed, protocol, verdict))
      : decide(session, sniffed, protocol, verdict)
  }
  const verdict = phases.preread(session.walk(routed, session.consulted))
  if (!(verdict instanceof Promise)) return go(verdict)
  return verdict.then(go, (error: unknown) => {
    throw session.firstBytes.failure ?? error
  })
}

/** Everything that was to be said to the client has been said. */
function decide(
  session: Session,
  { route, silent }: Sniffed,
  protocol: Protocol,
  verdict: Answer<Rejection> | undefined,
): Awaitable<Matched | Ended> {
  const { firstBytes } = session
  if (firstBytes.failure) return endedBy(firstBytes.failure)
  if (verdict) return refuse(verdict, { session, route, protocol })
  if (!session.seen.service) return new Ended('gateway.service.none')
  if (firstBytes.startsTls) return startTls(session, route)
  // A client that was greeted as a plain one has its route.
  return pass(session, { route, silent: silent && firstBytes.said === 0 }, protocol)
}

/** Nobody refuses it; a plugin may have chosen its service. */
function pass(
  session: Session,
  { route, silent }: Pick<Sniffed, 'route' | 'silent'>,
  protocol: Protocol,
): Matched | Ended {
  const { service } = session.seen
  if (!service) return new Ended('gateway.service.none')
  return { session, route, service, protocol, silent }
}

/**
 * A plugin has agreed with the client that TLS begins now. The name in its hello may belong to a route of its own;
 * otherwise TLS ends here, on the route that it is on. Plugins that had their say are not asked twice.
 */
async function startTls(session: Session, route: Route): Promise<Matched | Ended> {
  const { firstBytes, inbound, host } = session
  const deadline = performance.now() + host.limits.prereadTimeout
  firstBytes.startsTls = false
  firstBytes.deadline = deadline
  // A look that nobody has waited for would see the hello, or take a part of it.
  firstBytes.close()
  const first = await inbound.peek(1, { deadline })
  const sniffed = await sniffHello(session, first)
  const { hello } = session.seen
  if (!hello) return sniffed instanceof Ended ? sniffed : new Ended('client.preread.malformed')
  const isRouted = !(sniffed instanceof Ended) && protocolOf(sniffed.route, true) !== 'tcp'
  return enter(session, isRouted ? sniffed : { route, hello, silent: false, protocol: 'tls' })
}

/** What a session of this route speaks; TLS bytes on a plain route stay plain bytes. */
export function protocolOf({ protocols }: Route, tls: boolean): Protocol {
  if (!tls) return 'tcp'
  if (protocols.includes('tls_passthrough')) return 'tls_passthrough'
  return protocols.includes('tls') ? 'tls' : 'tcp'
}
