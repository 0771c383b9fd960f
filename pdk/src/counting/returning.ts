import { Elsewhere } from './elsewhere.ts'
import type { Learned, Returns } from '../kit.ts'
import { returnTime } from './parts.ts'

/** The permits of one key that come back by themselves. */
export interface Returning {
  /** How many are out. @param now milliseconds since the epoch */
  out(now: number): number
  /** One more goes out. */
  take(now: number): void
  /** The last one that went out was not needed after all. */
  undo(): void
  /** Others have some, too. */
  learn(learned: Learned): void
  /** When the next one comes back, in milliseconds since the epoch; of none that are out, any time. */
  next(now: number): number
}

/** None is out yet. */
export function openReturning(returns: Returns): Returning {
  return 'every' in returns ? new OneByOne(returns.every) : new EachInTime(returns.after)
}

/** What the sum of many returns may lack by rounding, in permits. */
const rounding = 1e-6

/** A token bucket, as the moment at which it will be full again: the generic cell rate algorithm. */
class OneByOne implements Returning {
  readonly #every: number
  /** When all are back. */
  #full = 0

  constructor(every: number) {
    this.#every = every
  }

  out(now: number): number {
    return Math.max(0, Math.ceil((this.#full - now) / this.#every - rounding))
  }

  take(now: number): void {
    this.#full = Math.max(this.#full, now) + this.#every
  }

  undo(): void {
    this.#full -= this.#every
  }

  /** What others have is in the moment that they have told. */
  learn({ heard }: Learned): void {
    for (const { until } of heard) this.#full = Math.max(this.#full, until)
  }

  next(now: number): number {
    const next = this.#full - (this.out(now) - 1) * this.#every
    // What `out` takes for rounding is no reason to come a millisecond later.
    const whole = Math.round(next)
    return Math.abs(next - whole) < this.#every * rounding ? whole : next
  }
}

/** A sliding window: permits that went out at about the same time come back together, never too early. */
class EachInTime implements Returning {
  readonly #after: number
  /** When each group comes back and how many are in it, in turns, oldest first: most keys have one group. */
  #groups: number[] = []
  #out = 0
  #elsewhere: Elsewhere | undefined

  constructor(after: number) {
    this.#after = after
  }

  out(now: number): number {
    const groups = this.#groups
    let gone = 0
    for (; (groups[gone] ?? Infinity) <= now; gone += 2) this.#out -= groups[gone + 1] ?? 0
    if (gone > 0) groups.splice(0, gone)
    return this.#elsewhere === undefined ? this.#out : this.#out + this.#elsewhere.out(now)
  }

  take(now: number): void {
    const groups = this.#groups
    const until = returnTime(now, this.#after)
    this.#out += 1
    const last = groups.length - 2
    if (groups[last] === until) groups[last + 1] = (groups[last + 1] ?? 0) + 1
    else if (last < 0) this.#groups = [until, 1]
    else groups.push(until, 1)
  }

  undo(): void {
    const groups = this.#groups
    const count = groups.at(-1)
    if (count === undefined) return
    this.#out -= 1
    if (count > 1) groups[groups.length - 1] = count - 1
    else groups.splice(-2)
  }

  learn(learned: Learned): void {
    this.#elsewhere ??= new Elsewhere()
    this.#elsewhere.learn(learned)
  }

  next(now: number): number {
    this.out(now)
    const next = Math.min(this.#groups[0] ?? Infinity, this.#elsewhere?.next() ?? Infinity)
    return next === Infinity ? now : next
  }
}
