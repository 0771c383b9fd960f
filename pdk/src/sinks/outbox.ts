import type { EntryCounts, LossReason } from './entry-counts.ts'
import { Fifo } from './fifo.ts'
import type { Log } from '../kit.ts'
import { Losses } from './losses.ts'
import { reasonOf } from '../reason-of.ts'
import { sleep } from '../sleep.ts'

/** Milliseconds in which an aborted delivery should have settled. */
const grace = 100

/** Items that a sink did not take and never will. */
export interface Loss {
  readonly count: number
  readonly reason: LossReason
  /** In a few words that do not vary, for the log. */
  readonly why: string
}

export interface OutboxOptions<T> {
  /**
   * Delivers a batch, in order. A rejection means: try the same batch again later. It may answer with what was lost all
   * the same, of this batch or of an earlier one.
   */
  deliver(batch: readonly T[], signal: AbortSignal): Promise<readonly Loss[] | void>
  readonly log: Log
  /** Where what becomes of the items is counted. */
  readonly counts?: EntryCounts | undefined
  /** How many items wait at most; beyond it the oldest are dropped, counted and logged. */
  readonly capacity?: number
  /** How many entries an item (still) stands for, in what is counted and logged; one by default. */
  readonly countOf?: (item: T) => number
  /**
   * How large all that wait may be together, by `sizeOf`; beyond it the oldest are dropped, counted and logged. 64 MiB by
   * default; undefined sets no limit.
   */
  readonly capacityBytes?: number | undefined
  /** Bytes of an item; by default the length of a text, and nothing for anything else. */
  readonly sizeOf?: (item: T) => number
  /** How many items a delivery takes at most. */
  readonly batch?: number
  /** Milliseconds that an item waits for others to go out with it; by default what the turn brings goes out. */
  readonly linger?: number
  /** So many that wait are not waited with any longer; a whole batch by default. */
  readonly enough?: number | undefined
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
  counts: undefined,
  countOf: () => 1,
  capacity: 10_000,
  capacityBytes: 64 * 1024 * 1024,
  sizeOf: (item: unknown) => (typeof item === 'string' ? item.length : 0),
  batch: 1000,
  linger: 0,
  enough: undefined,
  firstDelay: 100,
  longestDelay: 10_000,
  patience: Infinity,
  concurrency: 1,
}

const reasons = {
  queue_full: 'too many wait; the oldest are dropped until deliveries succeed',
  not_taken: 'not delivered in time',
  ended: 'not delivered before the end',
} as const

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
  /** Ends the wait for the rest of the batch. */
  #lingering: AbortController | undefined
  #isFailing = false

  constructor(options: OutboxOptions<T>) {
    this.#options = { ...defaults, ...options }
    this.#losses = new Losses(options.log)
    this.#waiting = new Fifo(this.#options.sizeOf)
  }

  push(item: T): void {
    this.#options.counts?.came(this.#options.countOf(item))
    if (this.#hurry.signal.aborted) return this.#giveUp([item], 'ended')
    this.#waiting.push(item)
    const { capacity, capacityBytes = Infinity } = this.#options
    while (this.#waiting.length > capacity || this.#waiting.size > capacityBytes) {
      this.#giveUp(this.#waiting.take(1), 'queue_full')
    }
    if (this.#hasEnough()) this.#lingering?.abort()
    this.#openLane()
  }

  /** Delivers what waits, for at most so many milliseconds; the rest is dropped, counted and logged. */
  async close(milliseconds: number): Promise<void> {
    this.#hurry.abort()
    this.#lingering?.abort()
    const timer = setTimeout(() => this.#abort.abort(), milliseconds)
    // A delivery that does not heed its signal must not hold the closing either.
    const late = new AbortController()
    await Promise.race([this.#settle(), sleep(milliseconds + grace, late.signal)])
    late.abort()
    clearTimeout(timer)
    this.#giveUp(this.#waiting.take(Infinity), 'ended')
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
    const { linger } = this.#options
    if (linger === 0 || this.#hasEnough() || this.#hurry.signal.aborted) return
    this.#lingering = new AbortController()
    await sleep(linger, this.#lingering.signal)
    this.#lingering = undefined
  }

  #hasEnough(): boolean {
    const { batch, enough = batch } = this.#options
    return this.#waiting.length >= enough
  }

  async #deliver(batch: readonly T[]): Promise<void> {
    const { deliver, firstDelay, longestDelay, patience } = this.#options
    const entries = this.#entriesOf(batch)
    const since = performance.now()
    let delay = firstDelay
    while (!this.#abort.signal.aborted) {
      try {
        this.#account(entries, (await deliver(batch, this.#abort.signal)) ?? [])
        return this.#recover()
      } catch (error) {
        this.#complain(error)
        if (performance.now() - since > patience) return this.#giveUp(batch, 'not_taken')
        await this.#pause(delay)
        delay = Math.min(delay * 2, longestDelay)
      }
    }
    this.#giveUp(batch, 'ended')
  }

  #account(delivered: number, losses: readonly Loss[]): void {
    const { counts } = this.#options
    for (const { count, reason, why } of losses) {
      this.#losses.add(count, why)
      counts?.dropped(count, reason)
    }
    counts?.delivered(
      delivered,
      losses.reduce((sum, { count }) => sum + count, 0),
    )
  }

  #giveUp(items: readonly T[], reason: keyof typeof reasons): void {
    const count = this.#entriesOf(items)
    if (count === 0) return
    this.#losses.add(count, reasons[reason])
    this.#options.counts?.givenUp(count, reason)
  }

  #entriesOf(items: readonly T[]): number {
    return items.reduce((sum, item) => sum + this.#options.countOf(item), 0)
  }

  #complain(error: unknown): void {
    this.#options.counts?.failed()
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
