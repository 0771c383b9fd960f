import type { Target, Try } from '@kong-ts/pdk'
import { performance } from 'node:perf_hooks'
import type { Ask } from '../balancing/picker.ts'
import { peerKey, type Place } from '../balancing/places.ts'
import type { Service, Upstream } from '../entities/rows.ts'
import type { Ending } from '../errors/endings.ts'
import { TransportError, type Outbound, type TransportFailure } from '../transport/transport.ts'
import { announce } from './announce.ts'
import { Ended } from './ended.ts'
import type { Matched } from './preread.ts'
import type { Session } from './session.ts'
import { locate, wordNowhere, type Chosen } from './source.ts'
import { upstreamTls } from './upstream-tls.ts'
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

function endingOf(failure: TransportFailure, service: Service): Ending {
  if (failure === 'reset' && service.protocol === 'tls') return 'upstream.tls.failed'
  return endings[failure] ?? 'upstream.connect.failed'
}

/** What is to be reached. */
export interface Aim extends Chosen {
  /** The upstream that the service names, if it does. */
  readonly upstream: Upstream | undefined
}

/** One attempt to connect to a target, noted in the session's tries. */
export async function reach(matched: Matched, aim: Aim): Promise<Outbound | Ended> {
  const { session } = matched
  const { target, peer } = aim
  const startedAt = Date.now()
  const begun = performance.now()
  const note = (more: Partial<Try>): void => {
    session.note({ ...target, startedAt, duration: performance.now() - begun, ...more })
  }
  let place: Place | undefined
  try {
    place = peer ? peer.place : await placeOf(matched, target)
    const { ip, port } = place
    if (session.host.isOwn(ip, port)) {
      note({ ip, failure: 'gateway.target.loop' })
      return new Ended('gateway.target.loop', peerKey(ip, port))
    }
    const outbound = await unlessStopped(session, open(matched, aim, place))
    note({ ip: outbound.remote.address })
    return outbound
  } catch (error) {
    if (session.stopped) return session.stopped
    if (!(error instanceof TransportError)) throw error
    const failure = endingOf(error.failure, matched.service)
    note({ ...(place && { ip: place.ip }), failure })
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
  // Kong's host_header may have a port, which is no part of a server name.
  return upstream ? (upstream.host_header?.replace(/:\d+$/, '') ?? peer.place.host) : service.host
}

function open(matched: Matched, aim: Aim, { ip, port }: Place): Promise<Outbound> {
  const { session, service } = matched
  const tls = upstreamTls(matched, nameOf(matched, aim), aim.upstream)
  const first = announce(matched, aim.upstream)
  return session.inbound.connect(
    { address: ip, port },
    {
      deadline: performance.now() + patienceOf(service),
      keepAlive: session.host.limits.keepAlive,
      ...(tls && { tls }),
      ...(first && { first }),
    },
  )
}
