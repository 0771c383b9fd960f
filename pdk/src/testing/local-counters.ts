import type { Clock, Counters } from '../kit.ts'

interface Count {
  taken: number
  readonly until: number
}

/** Exact counts within one process; they answer at once. */
export class LocalCounters implements Counters {
  readonly #clock: Clock
  readonly #counts = new Map<string, Count>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  take(key: string, limit: number, until = Infinity): boolean {
    const count = this.#live(key) ?? { taken: 0, until }
    if (count.taken >= limit) return false
    count.taken += 1
    this.#counts.set(key, count)
    return true
  }

  release(key: string): void {
    const count = this.#live(key)
    if (count === undefined) return
    count.taken -= 1
    if (count.taken === 0) this.#counts.delete(key)
  }

  /** How many permits of a key are taken now. */
  taken(key: string): number {
    return this.#live(key)?.taken ?? 0
  }

  /** The keys of which permits are taken now. */
  keys(): string[] {
    return [...this.#counts.keys()].filter((key) => this.#live(key) !== undefined)
  }

  #live(key: string): Count | undefined {
    const count = this.#counts.get(key)
    if (count === undefined || count.until > this.#clock.now()) return count
    this.#counts.delete(key)
    return undefined
  }
}
