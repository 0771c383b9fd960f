import type { Peer } from './peer.ts'

/** Calls back after so many milliseconds, at the next turn for 0; what it answers calls that off. */
export type Later = (milliseconds: number, call: () => void) => () => void

/** Milliseconds between two steps at least. */
const shortestStep = 20

/** Ends the connections of peers, spread over a window of time, so that not all clients come back at once. */
export class Evictions {
  readonly #later: Later
  readonly #running = new Map<Peer, () => void>()

  constructor(later: Later) {
    this.#later = later
  }

  /** Ends those that the peer has now. @param window milliseconds */
  begin(peer: Peer, window: number): void {
    this.stop(peer)
    const evictions = [...peer.evictions]
    const steps = Math.max(1, Math.min(evictions.length, Math.floor(window / shortestStep)))
    const each = Math.ceil(evictions.length / steps)
    const next = (from: number): void => {
      this.#running.delete(peer)
      for (const evict of evictions.slice(from, from + each)) {
        if (peer.evictions.has(evict)) evict()
      }
      if (from + each >= evictions.length) return
      this.#running.set(
        peer,
        this.#later(window / steps, () => next(from + each)),
      )
    }
    next(0)
  }

  /** What has not been ended yet may live on. */
  stop(peer: Peer): void {
    this.#running.get(peer)?.()
    this.#running.delete(peer)
  }
}
