import type { Awaitable } from '@kong-ts/pdk'
import type { Inbound } from '../transport/transport.ts'
import { accept, type Open } from './phases/accept.ts'
import { after } from './after.ts'
import { balance, type Connected } from './phases/balance.ts'
import { Ended, endedBy } from './ended.ts'
import type { Host } from './host.ts'
import { listenFirst } from './phases/listen-first.ts'
import { log } from './phases/log.ts'
import { preread, type Matched } from './phases/preread.ts'
import { proxy } from './phases/proxy.ts'
import { secure } from './phases/secure.ts'
import { Session } from './session.ts'

/**
 * The life of one connection. The order of the phases stands here and nowhere else. Never rejects.
 * Without asynchronous taps it runs without a pause from accept to connect. It is over when the bytes flow, or when
 * they never will: nothing waits for the end of a relay, it is told.
 * @param proxyProtocol whether it begins with a PROXY header
 */
export function serve(inbound: Inbound, host: Host, proxyProtocol = false): Awaitable<void> {
  const session = new Session(inbound, host, proxyProtocol)
  host.live.add(session)
  let walking: Awaitable<Ended | undefined>
  try {
    walking = after(accept(session), route)
  } catch (thrown) {
    return finish(session, endedBy(thrown))
  }
  if (!(walking instanceof Promise)) return walking && finish(session, walking)
  return walking
    .catch((thrown: unknown) => endedBy(thrown))
    .then((ended) => ended && finish(session, ended))
}

/** Called once for each connection, with how it ended unless somebody outside has decided that. */
function finish(session: Session, ended: Ended): Awaitable<void> {
  session.host.live.delete(session)
  session.use?.end()
  session.leavePots()
  return log(session, session.stopped ?? ended)
}

// Each of these goes on with what the phase before has come to. Undefined: the bytes flow.

function route(open: Open | Ended): Awaitable<Ended | undefined> {
  return open instanceof Ended ? open : after(preread(open), approach)
}

function approach(matched: Matched | Ended): Awaitable<Ended | undefined> {
  return matched instanceof Ended ? matched : after(secure(matched), reach)
}

function reach(secured: Matched | Ended): Awaitable<Ended | undefined> {
  return secured instanceof Ended ? secured : after(balance(secured), flow)
}

function flow(connected: Connected | Ended): Awaitable<Ended | undefined> {
  if (connected instanceof Ended) return connected
  if (!connected.matched.silent) return proxy(connected, finish)
  return listenFirst(connected).then((again) =>
    again === undefined ? proxy(connected, finish) : approach(again),
  )
}
