import type { Awaitable } from '@kong-ts/pdk'
import type { Place } from '../../balancing/queues.ts'
import type { Upstream } from '../../entities/rows.ts'
import { Ended, endedBy } from '../ended.ts'
import { startPause, type Pause } from '../pause.ts'
import type { Matched } from '../phases/preread.ts'
import { isGone, watchClient } from '../client/watch-client.ts'

/** Milliseconds where an upstream says nothing. */
const defaultTimeout = 5_000

/**
 * Waits in the queue of an upstream, in the order of arrival on the node, until an attempt finds room.
 * @param attempt undefined: there is no room; who waits tries again when something was freed
 */
export async function waitForRoom<T>(
  matched: Matched,
  upstream: Upstream,
  attempt: () => Awaitable<T | undefined>,
  pause: Pause = startPause,
): Promise<T | Ended> {
  const { queue_size: size = 0, queue_timeout: timeout = defaultTimeout } = upstream
  if (size === 0) return new Ended('upstream.max_connections')
  const { session } = matched
  const begun = session.age
  const place = session.host.queues.join(upstream.id, size)
  const { promise: over, resolve: end } = Promise.withResolvers<Ended>()
  const watch = new AbortController()
  const callOff = pause(timeout, () => end(new Ended('upstream.queue.timeout')))
  session.waiting = { interrupt: () => end(session.stopped ?? new Ended('admin.killed')) }
  void leaving(matched, place, watch.signal).then((left) => left && end(left))
  try {
    return await tryInTurn(place, over, attempt)
  } finally {
    session.seen.queued(session.age - begun)
    callOff()
    session.waiting = undefined
    watch.abort()
    place.leave()
  }
}

async function tryInTurn<T>(
  place: Place,
  over: Promise<Ended>,
  attempt: () => Awaitable<T | undefined>,
): Promise<T | Ended> {
  for (;;) {
    const next = await Promise.race([place.next(), over])
    if (next instanceof Ended) return next
    if (next === 'full') return new Ended('upstream.queue.full')
    const found = await attempt()
    if (found !== undefined) return found
  }
}

/**
 * How the client has left, if it does. One that may still wait for an answer goes on waiting, but not at the cost of
 * somebody else.
 */
async function leaving(
  { session, protocol }: Matched,
  place: Place,
  signal: AbortSignal,
): Promise<Ended | undefined> {
  try {
    const watched = await watchClient(session, signal)
    if (watched === undefined) return undefined
    if (watched.reset) return new Ended('client.reset')
    if (isGone(watched.said, protocol === 'tls_passthrough'))
      return new Ended('client.queue.closed')
    place.yield()
    return undefined
  } catch (error) {
    return endedBy(error)
  }
}
