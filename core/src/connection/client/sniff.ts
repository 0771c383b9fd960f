import type { Awaitable, Hello, Protocol } from '@kong-ts/pdk'
import type { Route } from '../../entities/rows.ts'
import { isTlsRecord, parseClientHello } from '../../routing/client-hello.ts'
import { TransportError, type Peeked } from '../../transport/transport.ts'
import { Ended } from '../ended.ts'
import type { Session } from '../session.ts'

export interface Sniffed {
  readonly route: Route
  readonly hello: Hello | undefined
  readonly silent: boolean
  /** Where the route alone does not tell it. */
  readonly protocol?: Protocol
}

/** What follows once the first bytes have shown the route, or that there is none. */
type Follow<T> = (sniffed: Sniffed | Ended) => Awaitable<T>

/** What bytes have shown; a number: so many are needed. */
type Found = Sniffed | Ended | number

/**
 * Looks at the first bytes because a TLS route could match. Silence gives the plain route, if there is one;
 * a first byte that is not TLS decides at once; a ClientHello must be whole by the deadline. Nothing is waited for
 * where the bytes are there.
 */
export function sniff<T>(
  session: Session,
  plain: Route | undefined,
  follow: Follow<T>,
): Awaitable<T> {
  const { inbound, since, firstBytes, host } = session
  const { revision } = host.configuration
  const routePlain = (count?: number): Sniffed | Ended => {
    // The route may have gone, and its plugins with it, while the client thought.
    const { configuration } = host
    const current = configuration.revision === revision ? plain : plainRoute(session)
    if (current) return { route: current, hello: undefined, silent: count === undefined }
    if (count === undefined) return new Ended('client.preread.timeout')
    return new Ended(count === 0 ? 'client.preread.closed' : 'gateway.route.none')
  }
  const silence = plain ? since + host.limits.prereadSilence : Infinity
  const patience = { deadline: Math.min(silence, firstBytes.deadline) }
  const looking = inbound.look<Found>(1, patience, (bytes, ended) =>
    startsTls(bytes) ? readHello(session, bytes, ended) : routePlain(bytes.length),
  )
  if (!(looking instanceof Promise)) return goOn(session, looking, follow)
  return looking.then(
    (found) => goOn(session, found, follow),
    (error: unknown) => {
      if (isTimeout(error)) return follow(routePlain())
      throw error
    },
  )
}

function goOn<T>(session: Session, found: Found, follow: Follow<T>): Awaitable<T> {
  if (typeof found !== 'number') return follow(found)
  const { inbound, firstBytes } = session
  const { deadline } = firstBytes
  const looking = inbound.look(found, { deadline }, (bytes, ended) =>
    readHello(session, bytes, ended),
  )
  return looking instanceof Promise
    ? looking.then((more) => goOn(session, more, follow))
    : goOn(session, looking, follow)
}

function plainRoute({ seen, host }: Session): Route | undefined {
  return host.configuration.candidates(seen.client, seen.listener).plain
}

export function startsTls(bytes: Uint8Array): boolean {
  return bytes[0] !== undefined && isTlsRecord(bytes[0])
}

function isTimeout(error: unknown): boolean {
  return error instanceof TransportError && error.failure === 'timeout'
}

/** Waits for the whole of a ClientHello that has begun, and finds its route. */
export async function sniffHello(
  session: Session,
  { bytes, ended }: Peeked,
): Promise<Sniffed | Ended> {
  return goOn(session, readHello(session, bytes, ended), (sniffed) => sniffed)
}

/** The whole ClientHello, within the buffer, and its route. */
function readHello(session: Session, bytes: Uint8Array, ended: boolean): Found {
  const { prereadBuffer } = session.host.limits
  // What arrives in one packet is held to the same limit as what arrives in many.
  const most = bytes.length > prereadBuffer ? bytes.subarray(0, prereadBuffer) : bytes
  const parsed = parseClientHello(most)
  if (parsed.kind === 'malformed') return new Ended('client.preread.malformed', parsed.reason)
  if (parsed.kind === 'hello') return findRoute(session, parsed.hello)
  if (parsed.atLeast > prereadBuffer) return new Ended('client.preread.too_large')
  if (ended) return new Ended('client.preread.closed', 'the ClientHello is not complete')
  return parsed.atLeast
}

function findRoute({ seen, host }: Session, hello: Hello): Sniffed | Ended {
  seen.hello = hello
  const route = host.configuration.matchTls(seen.client, seen.listener, hello.serverName)
  return route ? { route, hello, silent: false } : new Ended('gateway.route.none')
}
