import { setTimeout as sleep } from 'node:timers/promises'
import type { Log } from './kit.ts'

/** Milliseconds in which an aborted delivery should have settled. */
const grace = 100

export interface OutboxOptions<T> {
  /** Delivers a batch, in order. A rejection means: try the same batch again later. One delivery runs at a time. */
  deliver(batch: readonly T[], signal: AbortSignal): Promise<void>
  readonly log: Log
  /** How many items wait at most; beyond it the oldest are dropped, counted and logged. */
  readonly capacity?: number
  /** How many items a delivery takes at most. */
  readonly batch?: number
  /** Milliseconds that an item waits for others to go out with it; by default what the turn brings goes out. */
  readonly linger?: number
  /** Milliseconds before the first repetition; doubled each time. */
  readonly firstDelay?: number
  /** Milliseconds between repetitions at most. */
  readonly longestDelay?: number
}

/**
 * Items on their way to somewhere slow. `push` never waits and never throws; what was pushed in one turn of the
 * event loop goes out together; a failed delivery is repeated with growing delays. Memory is bounded.
 */
export class Outbox<T> {
  readonly #options: Required<OutboxOptions<T>>
  readonly #abort = new AbortController()
  /** Cuts the wait before a repetition short. */
  readonly #hurry = new AbortController()
  #waiting: T[] = []
  #dropped = 0
  #draining: Promise<void> | undefined

  constructor(options: OutboxOptions<T>) {
    const defaults = {
      capacity: 10_000,
      batch: 1000,
      linger: 0,
      firstDelay: 100,
      longestDelay: 10_000,
    }
    this.#options = { ...defaults, ...options }
  }

  push(item: T): void {
    if (this.#hurry.signal.aborted) return this.#count(1)
    this.#waiting.push(item)
    const over = this.#waiting.length - this.#options.capacity
    // Dropping a tenth at once keeps the cost of a full box small: a shift per item would move the whole array.
    if (over > 0) {
      const many = Math.max(over, Math.floor(this.#options.capacity / 10))
      this.#waiting.splice(0, many)
      this.#count(many)
    }
    this.#draining ??= this.#drain()
  }

  /** Delivers what waits, for at most so many milliseconds; the rest is dropped, counted and logged. */
  async close(milliseconds: number): Promise<void> {
    this.#hurry.abort()
    const timer = setTimeout(() => this.#abort.abort(), milliseconds)
    // A delivery that does not heed its signal must not hold the closing either.
    const late = new AbortController()
    await Promise.race([
      this.#draining,
      sleep(milliseconds + grace, undefined, { signal: late.signal }).catch(ignoreAbort),
    ])
    late.abort()
    clearTimeout(timer)
    this.#count(this.#waiting.splice(0).length)
    this.#reportDropped()
  }

  async #drain(): Promise<void> {
    await new Promise(setImmediate)
    while (this.#waiting.length > 0 && !this.#abort.signal.aborted) {
      await this.#linger()
      await this.#deliver(this.#waiting.splice(0, this.#options.batch))
      if (!this.#hurry.signal.aborted) this.#reportDropped()
    }
    this.#draining = undefined
  }

  /** Waits for a batch that is worth a delivery, unless one is there already or the box is closing. */
  async #linger(): Promise<void> {
    const { linger, batch } = this.#options
    const { signal } = this.#hurry
    if (linger === 0 || this.#waiting.length >= batch || signal.aborted) return
    await sleep(linger, undefined, { signal }).catch(ignoreAbort)
  }

  async #deliver(batch: readonly T[]): Promise<void> {
    const { deliver, log, firstDelay, longestDelay } = this.#options
    let delay = firstDelay
    let failed = false
    while (!this.#abort.signal.aborted) {
      try {
        await deliver(batch, this.#abort.signal)
        if (failed) log.info({}, 'delivering again')
        return
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error)
        if (!failed) log.error({ error: reason }, 'cannot deliver; trying again until it works')
        failed = true
        await this.#pause(delay)
        delay = Math.min(delay * 2, longestDelay)
      }
    }
    this.#count(batch.length)
  }

  /** Closing wakes the sleeper; while closing, a repetition follows soon. */
  async #pause(milliseconds: number): Promise<void> {
    const isClosing = this.#hurry.signal.aborted
    const signal = isClosing ? this.#abort.signal : this.#hurry.signal
    const delay = isClosing ? Math.min(milliseconds, 100) : milliseconds
    await sleep(delay, undefined, { signal }).catch(ignoreAbort)
  }

  #count(dropped: number): void {
    const isFirst = this.#dropped === 0 && dropped > 0
    this.#dropped += dropped
    if (isFirst && !this.#hurry.signal.aborted) {
      this.#options.log.warn({}, 'full: dropping the oldest entries until deliveries succeed')
    }
  }

  #reportDropped(): void {
    if (this.#dropped === 0) return
    this.#options.log.error({ dropped: this.#dropped }, `${this.#dropped} entries were dropped`)
    this.#dropped = 0
  }
}

/** The sleeper was woken; nothing else can go wrong with a timer. */
function ignoreAbort(): void {}
