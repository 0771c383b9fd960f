import type { Clock, Counters } from '@kong-ts/pdk'
import { Buckets, isPast } from './buckets.ts'
import type { Bucket } from './buckets.ts'

interface Tally extends Bucket {
  taken: number
}

/** Counters of a gateway that runs in one process: every answer is immediate. */
export class LocalCounters implements Counters {
  readonly #clock: Clock
  readonly #tallies = new Buckets<Tally>()
  /** When the last sweep was: one in a millisecond is enough, beside those that go with new keys. */
  #swept = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** How many keys are remembered. */
  get size(): number {
    return this.#tallies.size
  }

  take(key: string, limit: number, until?: number): boolean {
    const now = this.#clock.now()
    if (now !== this.#swept) this.#sweep(now)
    const tally = this.#tallies.find(key, until)
    if (!tally) {
      if (limit < 1 || isPast(until, now)) return false
      this.#sweep(now)
      this.#tallies.add({ key, until, taken: 1 })
      return true
    }
    if (tally.taken >= limit) return false
    tally.taken++
    return true
  }

  #sweep(now: number): void {
    this.#swept = now
    this.#tallies.sweep((tally) => isPast(tally.until, now))
  }

  release(key: string): void {
    const tally = this.#tallies.findLast(key, ({ taken }) => taken > 0)
    if (!tally) return
    tally.taken--
    if (tally.taken === 0) this.#tallies.remove(tally)
  }
}
