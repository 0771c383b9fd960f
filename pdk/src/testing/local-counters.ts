import { Elsewhere } from '../counting/elsewhere.ts'
import type { Clock, Learned, NodeCounters, Returns } from '../kit.ts'
import { openReturning } from '../counting/returning.ts'
import type { Returning } from '../counting/returning.ts'

interface Count {
  taken: number
  readonly until: number
  /** Of permits that come back by themselves; it knows how many are taken. */
  readonly returning?: Returning
  /** What others took in a window. */
  elsewhere?: Elsewhere
}

/** Exact counts within one process; they answer at once. */
export class LocalCounters implements NodeCounters {
  readonly #clock: Clock
  readonly #counts = new Map<string, Count>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  take(key: string, limit: number, until: number | Returns = Infinity): boolean {
    const count = this.#live(key) ?? open(until)
    if (this.#outOf(count) >= limit) return false
    if (count.returning) count.returning.take(this.#clock.now())
    else count.taken += 1
    this.#counts.set(key, count)
    return true
  }

  release(key: string): void {
    const count = this.#live(key)
    if (count === undefined) return
    if (count.returning) count.returning.undo()
    else count.taken -= 1
    if (this.#outOf(count) === 0) this.#counts.delete(key)
  }

  learn(key: string, until: number | Returns, learned: Learned): void {
    const count = this.#live(key) ?? open(until)
    if (count.returning) count.returning.learn(learned)
    else {
      count.elsewhere ??= new Elsewhere()
      count.elsewhere.learn(learned)
    }
    this.#counts.set(key, count)
  }

  /** How many permits of a key are taken now. */
  taken(key: string): number {
    const count = this.#live(key)
    return count ? this.#takenOf(count) : 0
  }

  /** The keys of which permits are taken now. */
  keys(): string[] {
    return [...this.#counts.keys()].filter((key) => this.#live(key) !== undefined)
  }

  #outOf(count: Count): number {
    return this.#takenOf(count) + (count.elsewhere?.out(this.#clock.now()) ?? 0)
  }

  #takenOf({ taken, returning }: Count): number {
    return returning ? returning.out(this.#clock.now()) : taken
  }

  #live(key: string): Count | undefined {
    const count = this.#counts.get(key)
    if (count === undefined) return undefined
    const isOver = count.returning ? this.#takenOf(count) === 0 : count.until <= this.#clock.now()
    if (!isOver) return count
    this.#counts.delete(key)
    return undefined
  }
}

function open(until: number | Returns): Count {
  return typeof until === 'number'
    ? { taken: 0, until }
    : { taken: 0, until: Infinity, returning: openReturning(until) }
}
