import { TransportError, type Side } from '../../transport/transport.ts'
import { Ended } from '../ended.ts'
import type { Host } from '../host.ts'
import type { Seen } from './seen.ts'

/** What a client did that is kept waiting: it has reset, or ended its side after so many bytes of its own. */
export type Watched = { readonly reset: true } | { readonly reset: false; readonly said: number }

interface Watchable {
  readonly inbound: Side
  readonly host: Pick<Host, 'limits'>
}

interface Stoppable extends Watchable {
  readonly seen: Pick<Seen, 'hello' | 'tls'>
  stopped: Ended | undefined
}

/**
 * Watches a client that is kept waiting, until it resets or ends its side. Nothing is consumed; one that says more
 * than is looked at is not watched any longer.
 * @returns undefined: the signal was aborted, or the client has said too much
 */
export async function watchClient(
  { inbound, host }: Watchable,
  signal: AbortSignal,
): Promise<Watched | undefined> {
  try {
    for (let said = 0; said < host.limits.prereadBuffer;) {
      const { bytes, ended } = await inbound.peek(said + 1, { deadline: Infinity, signal })
      said = bytes.length
      if (ended) return { reset: false, said }
    }
    return undefined
  } catch (error) {
    if (!(error instanceof TransportError)) throw error
    return error.failure === 'cancelled' ? undefined : { reset: true }
  }
}

/**
 * Whether a client that has ended its side is gone. One that has spoken may have asked what it is about to be answered:
 * nobody can tell. But nobody shakes hands with a client that listens no more.
 * @param shakesHands whether all that it has said belongs to a handshake that is still to come
 */
export function isGone(said: number, shakesHands: boolean): boolean {
  return said === 0 || shakesHands
}

/**
 * Resolves when a client that a plugin keeps waiting has left, with the session stopped for it; while it stays, and
 * once the signal is aborted, this does not settle.
 */
export async function clientLeft(session: Stoppable, signal: AbortSignal): Promise<void> {
  const watched = await watchClient(session, signal)
  const { hello, tls } = session.seen
  const shakesHands = hello !== undefined && tls === undefined
  if (watched?.reset === true) session.stopped ??= new Ended('client.reset')
  else if (watched && isGone(watched.said, shakesHands)) {
    session.stopped ??= new Ended('client.queue.closed')
  } else await new Promise(() => undefined)
}
