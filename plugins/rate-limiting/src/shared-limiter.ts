import type { Clock, Log, Shared } from '@kong-ts/pdk'
import { within } from './later.ts'
import type { Later } from './later.ts'
import type { Limiter } from './limiter.ts'
import { errorOf, Outage } from './outage.ts'
import type { FixedRule, Rule } from './rules.ts'

/** Milliseconds that a window is kept beyond its end, for a node whose clock is late. */
const lateness = 1000

/** A token bucket is kept as a time, and numbers that are kept are whole ones: microseconds. */
const microseconds = 1000

export interface SharedLimiterOptions {
  readonly shared: Shared
  readonly clock: Clock
  readonly log: Log
  readonly rules: readonly Rule[]
  /** Milliseconds that the database may take to answer. */
  readonly timeout: number
  readonly later: Later
}

/** Milliseconds for which a database that has failed is left alone. */
const pause = 500

/** What is taken back when another limit refuses. */
type Undo = () => Promise<unknown>

/** Counts in the database, together with all nodes that share it: one round trip for each limit. */
export class SharedLimiter implements Limiter {
  readonly #options: SharedLimiterOptions

  readonly #outage: Outage
  #failure: Error | undefined
  /** Until then nobody waits for a database that has failed; by the clock. */
  #restsUntil = 0

  constructor(options: SharedLimiterOptions) {
    this.#options = options
    this.#outage = new Outage('the database', options.log)
  }

  async take(who: string): Promise<boolean> {
    const { timeout, later, clock } = this.#options
    if (this.#failure && clock.now() < this.#restsUntil) throw this.#failure
    try {
      const isTaken = await within(timeout, this.#takeAll(who), later)
      this.#failure = undefined
      this.#outage.worked()
      return isTaken
    } catch (error) {
      this.#failure = errorOf(error)
      this.#restsUntil = clock.now() + pause
      this.#outage.failed(this.#failure)
      throw error
    }
  }

  async #takeAll(who: string): Promise<boolean> {
    const taken: Undo[] = []
    for (const rule of this.#options.rules) {
      const undo = await this.#takeOne(who, rule)
      if (undo === undefined) {
        await Promise.all(taken.map((each) => each()))
        return false
      }
      taken.push(undo)
    }
    return true
  }

  #takeOne(who: string, rule: Rule): Promise<Undo | undefined> {
    if (rule.returns === undefined) return this.#takeFixed(who, rule)
    const { name, limit, returns } = rule
    return 'after' in returns
      ? this.#takeSliding(who + name, limit, returns.after)
      : this.#takeOfBucket(who + name, limit, returns.every)
  }

  async #takeFixed(who: string, rule: FixedRule): Promise<Undo | undefined> {
    const { shared, clock } = this.#options
    const { end, name } = rule.windowAt(clock.now())
    const key = who + name
    const until = end + lateness
    const { added } = await shared.add(key, 1, { until, limit: rule.limit })
    return added ? () => shared.add(key, -1, { until }) : undefined
  }

  async #takeSliding(key: string, limit: number, after: number): Promise<Undo | undefined> {
    const { shared } = this.#options
    const { added } = await shared.add(key, 1, { after, limit })
    return added ? () => shared.add(key, -1, { after }) : undefined
  }

  /**
   * A bucket is the moment when it will be full again. One that is full already is brought to the present first, under
   * a limit that fails when another node has done so since; then this one looks again.
   */
  async #takeOfBucket(key: string, limit: number, pace: number): Promise<Undo | undefined> {
    const { shared, clock } = this.#options
    const every = Math.round(pace * microseconds)
    const until = clock.now() + 2 * Math.ceil(pace * (limit + 1)) + lateness
    const undo = (): Promise<unknown> => shared.add(key, -every, { until })
    for (;;) {
      const now = Math.round(clock.now() * microseconds)
      const full = await shared.get(key)
      const isFull = full < now
      const amount = isFull ? now - full + every : every
      const most = isFull ? now + every : now + limit * every
      const { added, total } = await shared.add(key, amount, { until, limit: most })
      if (added) return undo
      if (!isFull || total > now + (limit - 1) * every) return undefined
    }
  }
}
