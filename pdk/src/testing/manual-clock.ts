import type { Clock } from '../kit.ts'

/** Time that stands still until a test moves it. */
export class ManualClock implements Clock {
  #now: number

  /** @param now milliseconds since the epoch */
  constructor(now: number) {
    this.#now = now
  }

  now(): number {
    return this.#now
  }

  /** @param milliseconds how far to move; time never goes back */
  advance(milliseconds: number): void {
    if (!(milliseconds >= 0)) throw new RangeError(`time cannot be moved by ${milliseconds} ms`)
    this.#now += milliseconds
  }
}
