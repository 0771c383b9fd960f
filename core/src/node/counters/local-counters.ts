import type { Clock, Learned, NodeCounters, Returns } from '@kong-ts/pdk'
import { Elsewhere, openReturning } from '@kong-ts/pdk/host'
import type { Returning } from '@kong-ts/pdk/host'
import { Buckets, isPast } from './buckets.ts'
import type { Bucket } from './buckets.ts'

interface Tally extends Bucket {
  taken: number
  /** Of permits that come back by themselves; it knows how many are taken. */
  readonly returning?: Returning
  /** What others took in the window. */
  elsewhere?: Elsewhere
}

/** Counters of a gateway that runs in one process: every answer is immediate. */
export class LocalCounters implements NodeCounters {
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

  take(key: string, limit: number, until?: number | Returns): boolean {
    const now = this.#clock.now()
    if (now !== this.#swept) this.#sweep(now)
    if (typeof until === 'object') return this.#takeReturning(key, limit, until, now)
    const tally = this.#tallies.find(key, until)
    if (!tally) {
      if (limit < 1 || isPast(until, now)) return false
      this.#sweep(now)
      this.#tallies.add({ key, until, taken: 1 })
      return true
    }
    if (tally.taken + elsewhereOf(tally) >= limit) return false
    tally.taken++
    return true
  }

  #takeReturning(key: string, limit: number, returns: Returns, now: number): boolean {
    const known = this.#tallies.find(key, undefined)?.returning
    if (known) {
      if (known.out(now) >= limit) return false
      known.take(now)
      return true
    }
    if (limit < 1) return false
    this.#sweep(now)
    this.#open(key, returns).take(now)
    return true
  }

  #sweep(now: number): void {
    this.#swept = now
    this.#tallies.sweep(({ until, returning }) =>
      returning ? returning.out(now) === 0 : isPast(until, now),
    )
  }

  release(key: string): void {
    const tally = this.#tallies.findLast(key, ({ taken }) => taken > 0)
    if (!tally) return
    if (tally.returning) return tally.returning.undo()
    tally.taken--
    if (tally.taken === 0 && !tally.elsewhere) this.#tallies.remove(tally)
  }

  learn(key: string, until: number | Returns, learned: Learned): void {
    const now = this.#clock.now()
    if (typeof until === 'object') {
      const known = this.#tallies.find(key, undefined)?.returning
      return (known ?? this.#open(key, until)).learn(learned)
    }
    if (isPast(until, now)) return
    const tally = this.#tallies.find(key, until) ?? this.#tallies.add({ key, until, taken: 0 })
    tally.elsewhere ??= new Elsewhere()
    tally.elsewhere.learn(learned)
  }

  #open(key: string, returns: Returns): Returning {
    const returning = openReturning(returns)
    this.#tallies.add({ key, until: undefined, taken: 1, returning })
    return returning
  }
}

/** A window's end does not matter to who counts in that window. */
function elsewhereOf({ elsewhere }: Tally): number {
  return elsewhere === undefined ? 0 : elsewhere.out(0)
}
