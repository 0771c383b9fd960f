import type { Awaitable } from '@kong-ts/pdk'
import type { Inbound } from '../transport/transport.ts'
import { accept } from './accept.ts'
import { balance, type Connected } from './balance.ts'
import { Ended, endedBy } from './ended.ts'
import type { Host } from './host.ts'
import { listenFirst } from './listen-first.ts'
import { log } from './log.ts'
import { preread, type Matched } from './preread.ts'
import { proxy } from './proxy.ts'
import { secure } from './secure.ts'
import { Session } from './session.ts'

/**
 * The life of one connection. The order of the phases stands here and nowhere else. Never rejects.
 * Without asynchronous taps it runs without a pause from accept to connect. It resolves when the bytes flow, or when
 * they never will: nothing waits for the end of a relay, it is told.
 * @param proxyProtocol whether it begins with a PROXY header
 */
export async function serve(inbound: Inbound, host: Host, proxyProtocol = false): Promise<void> {
  const session = new Session(inbound, host, proxyProtocol)
  host.live.add(session)
  let ended: Ended | undefined
  try {
    ended = await walk(session)
  } catch (thrown) {
    ended = endedBy(thrown)
  }
  if (ended) await finish(session, ended)
}

/** Called once for each connection, with how it ended unless somebody outside has decided that. */
function finish(session: Session, ended: Ended): Awaitable<void> {
  session.host.live.delete(session)
  session.use?.end()
  session.leavePots()
  return log(session, session.stopped ?? ended)
}

/** Undefined: the bytes flow. */
async function walk(session: Session): Promise<Ended | undefined> {
  const opening = accept(session)
  const open = opening instanceof Promise ? await opening : opening
  if (open instanceof Ended) return open
  const routing = preread(open)
  let matched = routing instanceof Promise ? await routing : routing
  while (!(matched instanceof Ended)) {
    const connected = await approach(matched)
    if (connected instanceof Ended) return connected
    const again = matched.silent ? await listenFirst(connected) : undefined
    if (again === undefined) return proxy(connected, finish)
    matched = again
  }
  return matched
}

/** From the route to an upstream that answers. */
function approach(matched: Matched): Awaitable<Connected | Ended> {
  const securing = secure(matched)
  return securing instanceof Promise ? securing.then(goOn) : goOn(securing)
}

function goOn(secured: Matched | Ended): Awaitable<Connected | Ended> {
  return secured instanceof Ended ? secured : balance(secured)
}
