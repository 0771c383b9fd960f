import type { Route } from '../../entities/rows.ts'
import { TransportError, type Outbound, type Peeked, type Side } from '../../transport/transport.ts'
import type { Connected } from './balance.ts'
import { Ended } from '../ended.ts'
import { enter, protocolOf, type Matched } from './preread.ts'
import { idleTimeout } from './proxy.ts'
import { sniffHello, startsTls, type Sniffed } from '../client/sniff.ts'

/**
 * The client was silent and was routed as a plain session, so that the server may speak first. Should the
 * client's ClientHello come before the server's first byte after all, the connection is routed again; plugins
 * that had their say are not asked twice. Undefined: the route stands.
 */
export async function listenFirst(connected: Connected): Promise<Matched | Ended | undefined> {
  const { matched, outbound } = connected
  try {
    const again = await hearFirst(connected)
    if (again === undefined) return undefined
    outbound.discard()
    matched.session.permits?.release()
    // The log tells what was tried for the route that stands in it.
    matched.session.seen.tries = []
    return await enter(matched.session, again)
  } catch (error) {
    outbound.discard()
    throw error
  }
}

async function hearFirst(connected: Connected): Promise<Sniffed | Ended | undefined> {
  const { matched, outbound, timeouts } = connected
  const { session } = matched
  const deadline = performance.now() + idleTimeout(matched.service, timeouts)
  const first = await raceFirstBytes(session.inbound, outbound, deadline)
  if (first === 'nobody') return new Ended('gateway.idle_timeout')
  if (first === 'server' || !startsTls(first.bytes)) return undefined
  session.firstBytes.deadline = performance.now() + session.host.limits.prereadTimeout
  const sniffed = await sniffHello(session, first)
  return !(sniffed instanceof Ended) && isSame(sniffed.route, matched) ? undefined : sniffed
}

/** A route may take plain bytes and end TLS as well: then the hello changes what it does. */
function isSame(route: Route, matched: Matched): boolean {
  return route === matched.route && protocolOf(route, true) === matched.protocol
}

/** Who speaks (or leaves) first. What the other one says is not lost: nothing is consumed. */
async function raceFirstBytes(
  client: Side,
  server: Outbound,
  deadline: number,
): Promise<Peeked | 'server' | 'nobody'> {
  const over = new AbortController()
  const patience = { deadline, signal: over.signal }
  const fromClient = client.peek(1, patience)
  const fromServer = hear(server, patience)
  try {
    return await Promise.race([fromClient, fromServer])
  } catch (error) {
    if (error instanceof TransportError && error.failure === 'timeout') return 'nobody'
    throw error
  } finally {
    over.abort()
    // The other one is cancelled; whatever else befell it, the relay meets it again and reports it.
    await Promise.allSettled([fromClient, fromServer])
  }
}

/** A server that fails has had its say; the relay meets the failure again and reports it as the upstream's. */
async function hear(server: Outbound, patience: Parameters<Side['peek']>[1]): Promise<'server'> {
  try {
    await server.peek(1, patience)
  } catch (error) {
    if (isGivenUp(error)) throw error
  }
  return 'server'
}

function isGivenUp(thrown: unknown): boolean {
  return (
    thrown instanceof TransportError &&
    (thrown.failure === 'cancelled' || thrown.failure === 'timeout')
  )
}
