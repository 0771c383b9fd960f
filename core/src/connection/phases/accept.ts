import type { Awaitable, Rejection } from '@kong-ts/pdk'
import { nobody } from '../../pipeline/pipeline.ts'
import type { Answer } from '../../pipeline/walk.ts'
import { Ended, rejectedBy } from '../ended.ts'
import { identify } from '../client/identify.ts'
import type { Session } from '../session.ts'

/** An accepted connection that nobody has refused. */
export interface Open {
  readonly session: Session
}

/** The key under which the node counts its connections. */
export const connectionsKey = 'gateway:connections'

/** Phase accept: the node's limit, the PROXY header where one is expected, then the global plugins. */
export function accept(session: Session): Awaitable<Open | Ended> {
  const { maxConnections } = session.host.limits
  if (maxConnections === 0) return ask(session)
  const granted = session.host.counters.take(connectionsKey, maxConnections)
  return granted instanceof Promise
    ? granted.then((late) => admit(session, late))
    : admit(session, granted)
}

function admit(session: Session, granted: boolean): Awaitable<Open | Ended> {
  if (!granted) return new Ended('gateway.max_connections')
  session.counted = true
  return ask(session)
}

function ask(session: Session): Awaitable<Open | Ended> {
  if (!session.proxyProtocol) return consult(session)
  return identify(session).then((ended) => ended ?? consult(session))
}

function consult(session: Session): Awaitable<Open | Ended> {
  const { phases } = session.pipeline
  if (phases.accept === nobody) return { session }
  const verdict = phases.accept(session.walk(session.seen.accepted()))
  return verdict instanceof Promise
    ? verdict.then((late) => opened(session, late))
    : opened(session, verdict)
}

function opened(session: Session, verdict: Answer<Rejection> | undefined): Open | Ended {
  return verdict ? rejectedBy(verdict) : { session }
}
