import type { Target, Try } from '@kong-ts/pdk'
import { performance } from 'node:perf_hooks'
import type { Ask } from '../balancing/picker.ts'
import { peerKey, type Place } from '../balancing/places.ts'
import type { Service, Upstream } from '../entities/rows.ts'
import type { Ending } from '../errors/endings.ts'
import {
  TransportError,
  type ClientTls,
  type ConnectOptions,
  type Outbound,
  type TransportFailure,
} from '../transport/transport.ts'
import { announce } from './announce.ts'
import { connectEither } from './either-address.ts'
import { Ended } from './ended.ts'
import type { Matched } from './preread.ts'
import type { Session } from './session.ts'
import { locate, wordNowhere, type Chosen } from './source.ts'
import { targetTls, upstreamTls } from './upstream-tls.ts'
import { calledName } from './way-to.ts'
import { patienceOf } from './with-patience.ts'

const endings: { readonly [F in TransportFailure]?: Ending } = {
  refused: 'upstream.connect.refused',
  timeout: 'upstream.connect.timeout',
  unreachable: 'upstream.connect.unreachable',
  dns: 'upstream.dns.failed',
  handshake: 'upstream.tls.failed',
  unverified: 'upstream.tls.unverified',
  // Whether an RST that follows an accept at once is met by the connect or by the relay is a matter of luck.
  reset: 'upstream.reset',
}

function endingOf(failure: TransportFailure, isTls: boolean): Ending {
  if (failure === 'reset' && isTls) return 'upstream.tls.failed'
  return endings[failure] ?? 'upstream.connect.failed'
}

/** What is to be reached. */
export interface Aim extends Chosen {
  /** The upstream that the service names, if it does. */
  readonly upstream: Upstream | undefined
}

/** An upstream that answers. */
export interface Reached {
  readonly outbound: Outbound
  /** Milliseconds that its connect took, whenever that was. */
  readonly took: number
}

/** One attempt to connect to a target, noted in the session's tries. */
export async function reach(matched: Matched, aim: Aim): Promise<Reached | Ended> {
  const { session } = matched
  const { target, peer } = aim
  const startedAt = Date.now()
  const begun = performance.now()
  const note = (more: Partial<Try>): void => {
    session.note({ ...target, startedAt, duration: performance.now() - begun, ...more })
  }
  const met: Met = { isTls: false }
  try {
    const place = peer ? peer.place : await placeOf(matched, target)
    const { ip, port } = place
    met.ip = ip
    if (session.host.isOwn(ip, port)) {
      note({ ip, failure: 'gateway.target.loop' })
      return new Ended('gateway.target.loop', peerKey(ip, port))
    }
    const outbound = await unlessStopped(session, open(matched, aim, place, met))
    note({ ip: outbound.remote.address })
    return { outbound, took: met.took ?? performance.now() - begun }
  } catch (error) {
    if (session.stopped) return session.stopped
    if (!(error instanceof TransportError)) throw error
    const failure = endingOf(error.failure, met.isTls)
    note({ ...(met.ip !== undefined && { ip: met.ip }), failure })
    return new Ended(failure, error.message)
  }
}

/** A connect may take a minute; a session that is stopped, by a drain's deadline say, does not wait for it. */
function unlessStopped(session: Session, connecting: Promise<Outbound>): Promise<Outbound> {
  return new Promise((resolve, reject) => {
    let isStopped = false
    session.interrupt = () => {
      isStopped = true
      session.interrupt = undefined
      reject(new TransportError('cancelled', 'the session was stopped'))
    }
    connecting.then(
      (outbound) => {
        // Nobody waits for the upstream any more.
        if (isStopped) return outbound.discard()
        session.interrupt = undefined
        resolve(outbound)
      },
      (error: unknown) => {
        if (!isStopped) session.interrupt = undefined
        reject(error instanceof Error ? error : new Error(String(error)))
      },
    )
  })
}

/** @throws TransportError when a name that a plugin has chosen has no address */
async function placeOf(matched: Matched, target: Target): Promise<Place> {
  const { selection, error } = await locate(matched, target)
  const peer = selection.pick(anybody)
  if (typeof peer === 'string') throw new TransportError('dns', wordNowhere(target, error))
  return peer.place
}

const anybody: Ask = { tried: new Set(), key: () => undefined }

/** What the upstream is called where TLS is spoken to it. */
function nameOf({ service }: Matched, { target, peer, upstream }: Aim): string {
  if (!peer) return target.host
  return upstream ? calledName(upstream, peer.place.host) : service.host
}

/** What comes to be known while a connection is opened. */
interface Met {
  /** The address that is, or was, tried. */
  ip?: string
  /** Milliseconds that the connect took, where it was made before. */
  took?: number
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

function open(matched: Matched, aim: Aim, place: Place, met: Met): Promise<Outbound> {
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
