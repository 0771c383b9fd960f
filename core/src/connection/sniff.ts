import type { Hello, Protocol } from '@kong-ts/pdk'
import type { Route } from '../entities/rows.ts'
import { isTlsRecord, parseClientHello } from '../routing/client-hello.ts'
import { TransportError, type Peeked } from '../transport/transport.ts'
import { Ended } from './ended.ts'
import type { Session } from './session.ts'

export interface Sniffed {
  readonly route: Route
  readonly hello: Hello | undefined
  readonly silent: boolean
  /** Where the route alone does not tell it. */
  readonly protocol?: Protocol
}

/**
 * Looks at the first bytes because a TLS route could match. Silence gives the plain route, if there is one;
 * a first byte that is not TLS decides at once; a ClientHello must be whole by the deadline.
 */
export async function sniff(session: Session, plain: Route | undefined): Promise<Sniffed | Ended> {
  const { configuration } = session.host
  const { revision } = configuration
  const first = await firstByte(session, plain !== undefined)
  if (first && startsTls(first)) return sniffHello(session, first)
  // The route may have gone, and its plugins with it, while the client thought.
  const current = configuration.revision === revision ? plain : plainRoute(session)
  if (current) return { route: current, hello: undefined, silent: first === undefined }
  if (!first) return new Ended('client.preread.timeout')
  return new Ended(first.bytes.length === 0 ? 'client.preread.closed' : 'gateway.route.none')
}

function plainRoute({ seen, host }: Session): Route | undefined {
  return host.configuration.candidates(seen.client, seen.listener).plain
}

export function startsTls({ bytes }: Peeked): boolean {
  return bytes[0] !== undefined && isTlsRecord(bytes[0])
}

/** Undefined: the client was silent for as long as it may be. */
async function firstByte(session: Session, mayBePlain: boolean): Promise<Peeked | undefined> {
  const { inbound, since, firstBytes, host } = session
  const silence = mayBePlain ? since + host.limits.prereadSilence : Infinity
  try {
    return await inbound.peek(1, { deadline: Math.min(silence, firstBytes.deadline) })
  } catch (error) {
    if (error instanceof TransportError && error.failure === 'timeout') return undefined
    throw error
  }
}

/** Waits for the whole ClientHello, within the deadline and the buffer, and finds its route. */
export async function sniffHello(session: Session, first: Peeked): Promise<Sniffed | Ended> {
  const { inbound, host, firstBytes } = session
  const { prereadBuffer } = host.limits
  let peeked = first
  for (;;) {
    // What arrives in one packet is held to the same limit as what arrives in many.
    const parsed = parseClientHello(peeked.bytes.subarray(0, prereadBuffer))
    if (parsed.kind === 'malformed') return new Ended('client.preread.malformed', parsed.reason)
    if (parsed.kind === 'hello') return findRoute(session, parsed.hello)
    if (parsed.atLeast > prereadBuffer) return new Ended('client.preread.too_large')
    if (peeked.ended) return new Ended('client.preread.closed', 'the ClientHello is not complete')
    peeked = await inbound.peek(parsed.atLeast, { deadline: firstBytes.deadline })
  }
}

function findRoute({ seen, host }: Session, hello: Hello): Sniffed | Ended {
  seen.hello = hello
  const route = host.configuration.matchTls(seen.client, seen.listener, hello.serverName)
  return route ? { route, hello, silent: false } : new Ended('gateway.route.none')
}
