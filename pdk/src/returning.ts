import type { Returns } from './kit.ts'

/** The permits of one key that come back by themselves. */
export interface Returning {
  /** How many are out. @param now milliseconds since the epoch */
  out(now: number): number
  /** One more goes out. */
  take(now: number): void
  /** The last one that went out was not needed after all. */
  undo(): void
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

  next(now: number): number {
    return this.#full - (this.out(now) - 1) * this.#every
  }
}

/** So many groups of permits at most are told apart: none comes back later than by such a part of its time. */
const groups = 100

/** A sliding window: permits that went out at about the same time come back together, never too early. */
class EachInTime implements Returning {
  readonly #after: number
  readonly #width: number
  /** When each group comes back, oldest first, and how many are in it. */
  readonly #until: number[] = []
  readonly #counts: number[] = []
  #out = 0

  constructor(after: number) {
    this.#after = after
    this.#width = Math.max(1, after / groups)
  }

  out(now: number): number {
    for (let oldest = this.#until[0]; oldest !== undefined && oldest <= now;) {
      this.#out -= this.#counts[0] ?? 0
      this.#until.shift()
      this.#counts.shift()
      oldest = this.#until[0]
    }
    return this.#out
  }

  take(now: number): void {
    const until = Math.ceil(now / this.#width) * this.#width + this.#after
    const last = this.#until.length - 1
    if (this.#until[last] === until) this.#counts[last] = (this.#counts[last] ?? 0) + 1
    else {
      this.#until.push(until)
      this.#counts.push(1)
    }
    this.#out += 1
  }

  undo(): void {
    const last = this.#counts.length - 1
    if (last < 0) return
    this.#out -= 1
    this.#counts[last] = (this.#counts[last] ?? 1) - 1
    if (this.#counts[last] > 0) return
    this.#until.pop()
    this.#counts.pop()
  }

  next(now: number): number {
    this.out(now)
    return this.#until[0] ?? now
  }
}
