import type { Clock } from '../../balancing/dns/clock.ts'

export interface BeatParts {
  readonly clock: Clock
  /** From 0 up to 1. */
  readonly random: () => number
  /** Milliseconds from the begin of a look to that of the next, as it is now; 0 for none. */
  interval(): number
  /** The share of the interval by which it is longer or shorter. */
  jitter(): number
  /** Resolves when the look is over, and never rejects. */
  look(): Promise<void>
}

/** Looks at something again and again: never twice at a time, and at random within an interval where it begins. */
export class Beat {
  readonly #parts: BeatParts
  /** The interval that is waited for; undefined while a look is under way. */
  #waiting: number | undefined
  #cancel: () => void = () => undefined
  #closed = false

  constructor(parts: BeatParts) {
    this.#parts = parts
    const interval = parts.interval()
    this.#wait(interval, interval * parts.random())
  }

  /** What the interval depends on may have changed. */
  changed(): void {
    const interval = this.#parts.interval()
    if (this.#closed || this.#waiting === undefined || this.#waiting === interval) return
    this.#cancel()
    const afresh = this.#waiting === 0
    this.#wait(interval, afresh ? interval * this.#parts.random() : this.#moved(interval))
  }

  close(): void {
    this.#closed = true
    this.#cancel()
  }

  #wait(interval: number, milliseconds: number): void {
    this.#waiting = interval
    this.#cancel = () => undefined
    if (interval > 0) this.#cancel = this.#parts.clock.after(milliseconds, () => void this.#look())
  }

  async #look(): Promise<void> {
    const parts = this.#parts
    this.#waiting = undefined
    const began = parts.clock.now()
    await parts.look()
    if (this.#closed) return
    const next = parts.interval()
    this.#wait(next, Math.max(0, began + this.#moved(next) - parts.clock.now()))
  }

  #moved(interval: number): number {
    const spread = 2 * this.#parts.random() - 1
    return interval * (1 + this.#parts.jitter() * spread)
  }
}
