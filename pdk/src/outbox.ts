import { Fifo } from './fifo.ts'
import type { Log } from './kit.ts'
import { Losses } from './losses.ts'
import { reasonOf } from './reason-of.ts'
import { sleep } from './sleep.ts'

/** Milliseconds in which an aborted delivery should have settled. */
const grace = 100

export interface OutboxOptions<T> {
  /** Delivers a batch, in order. A rejection means: try the same batch again later. */
  deliver(batch: readonly T[], signal: AbortSignal): Promise<void>
  readonly log: Log
  /** How many items wait at most; beyond it the oldest are dropped, counted and logged. */
  readonly capacity?: number
  /** How large all that wait may be together, by `sizeOf`; beyond it the oldest are dropped, counted and logged. */
  readonly capacityBytes?: number | undefined
  /** Bytes of an item; needed for `capacityBytes` only. */
  readonly sizeOf?: (item: T) => number
  /** How many items a delivery takes at most. */
  readonly batch?: number
  /** Milliseconds that an item waits for others to go out with it; by default what the turn brings goes out. */
  readonly linger?: number
  /** Milliseconds before the first repetition; doubled each time. */
  readonly firstDelay?: number
  /** Milliseconds between repetitions at most. */
  readonly longestDelay?: number
  /**
   * Milliseconds after which a batch that cannot be delivered is given up, counted and logged; -1: at the first failure.
   * By default it is tried until it works.
   */
  readonly patience?: number
  /** How many deliveries run at once at most; one, and so in order, by default. */
  readonly concurrency?: number
}

const defaults = {
  capacity: 10_000,
  capacityBytes: undefined,
  sizeOf: () => 0,
  batch: 1000,
  linger: 0,
  firstDelay: 100,
  longestDelay: 10_000,
  patience: Infinity,
  concurrency: 1,
}

/**
 * Items on their way to somewhere slow. `push` never waits and never throws; what was pushed in one turn of the
 * event loop goes out together; a failed delivery is repeated with growing delays. Memory is bounded.
 */
export class Outbox<T> {
  readonly #options: Required<OutboxOptions<T>>
  readonly #losses: Losses
  readonly #waiting: Fifo<T>
  readonly #abort = new AbortController()
  /** Cuts the wait before a repetition short. */
  readonly #hurry = new AbortController()
  readonly #lanes = new Set<Promise<void>>()
  /** A lane waits for the rest of its batch: what is pushed now goes with it. */
  #isCollecting = false
  #isFailing = false

  constructor(options: OutboxOptions<T>) {
    this.#options = { ...defaults, ...options }
    this.#losses = new Losses(options.log)
    this.#waiting = new Fifo(this.#options.sizeOf)
  }

  push(item: T): void {
    if (this.#hurry.signal.aborted) return this.#losses.add(1, 'not delivered before the end')
    this.#waiting.push(item)
    const { capacity, capacityBytes = Infinity } = this.#options
    while (this.#waiting.length > capacity || this.#waiting.size > capacityBytes) {
      this.#waiting.take(1)
      this.#losses.add(1, 'too many wait; the oldest are dropped until deliveries succeed')
    }
    this.#openLane()
  }

  /** Delivers what waits, for at most so many milliseconds; the rest is dropped, counted and logged. */
  async close(milliseconds: number): Promise<void> {
    this.#hurry.abort()
    const timer = setTimeout(() => this.#abort.abort(), milliseconds)
    // A delivery that does not heed its signal must not hold the closing either.
    const late = new AbortController()
    await Promise.race([this.#settle(), sleep(milliseconds + grace, late.signal)])
    late.abort()
    clearTimeout(timer)
    this.#losses.add(this.#waiting.take(Infinity).length, 'not delivered before the end')
    this.#losses.tell()
  }

  async #settle(): Promise<void> {
    while (this.#lanes.size > 0) await Promise.all(this.#lanes)
  }

  #openLane(): void {
    if (this.#isCollecting || this.#waiting.length === 0 || this.#abort.signal.aborted) return
    if (this.#lanes.size >= this.#options.concurrency) return
    this.#isCollecting = true
    const lane: Promise<void> = this.#drain().finally(() => this.#lanes.delete(lane))
    this.#lanes.add(lane)
  }

  async #drain(): Promise<void> {
    await new Promise(setImmediate)
    while (this.#waiting.length > 0 && !this.#abort.signal.aborted) {
      this.#isCollecting = true
      await this.#linger()
      const batch = this.#waiting.take(this.#options.batch)
      this.#isCollecting = false
      this.#openLane()
      await this.#deliver(batch)
    }
    this.#isCollecting = false
    // What came too fast has gone out, though no delivery ever failed.
    if (!this.#isFailing) this.#losses.settle()
  }

  /** Waits for a batch that is worth a delivery, unless one is there already or the box is closing. */
  async #linger(): Promise<void> {
    const { linger, batch } = this.#options
    if (linger > 0 && this.#waiting.length < batch) await sleep(linger, this.#hurry.signal)
  }

  async #deliver(batch: readonly T[]): Promise<void> {
    const { deliver, firstDelay, longestDelay, patience } = this.#options
    const since = performance.now()
    let delay = firstDelay
    while (!this.#abort.signal.aborted) {
      try {
        await deliver(batch, this.#abort.signal)
        return this.#recover()
      } catch (error) {
        this.#complain(error)
        if (performance.now() - since > patience) {
          return this.#losses.add(batch.length, 'not delivered in time')
        }
        await this.#pause(delay)
        delay = Math.min(delay * 2, longestDelay)
      }
    }
    this.#losses.add(batch.length, 'not delivered before the end')
  }

  #complain(error: unknown): void {
    if (this.#isFailing) return
    this.#isFailing = true
    const { log, patience } = this.#options
    const end = patience === Infinity ? 'until it works' : `for ${patience / 1000} s`
    const hope = patience > 0 ? `; trying again ${end}` : ''
    log.error({ error: reasonOf(error) }, `cannot deliver${hope}`)
  }

  #recover(): void {
    if (!this.#isFailing) return
    this.#isFailing = false
    this.#options.log.warn({}, 'delivering again')
    this.#losses.tell()
  }

  /** Closing wakes the sleeper; while closing, a repetition follows soon. */
  async #pause(milliseconds: number): Promise<void> {
    const isClosing = this.#hurry.signal.aborted
    const signal = isClosing ? this.#abort.signal : this.#hurry.signal
    await sleep(isClosing ? Math.min(milliseconds, 100) : milliseconds, signal)
  }
}
