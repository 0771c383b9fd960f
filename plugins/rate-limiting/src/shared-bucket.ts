import type { Added, Clock, Shared } from '@kong-ts/pdk'

/** Milliseconds that a number is kept beyond its end, for a node whose clock is late. */
export const lateness = 1000

const minute = 60_000

export interface SharedBucketOptions {
  readonly shared: Shared
  readonly clock: Clock
  readonly key: string
  /** Milliseconds in which one comes back. */
  readonly every: number
  readonly limit: number
}

/**
 * A token bucket in the database: the moment when it will be full again. Numbers that are kept are whole ones, up to
 * 2^53: microseconds, or milliseconds where one takes so long to come back that many would pass that.
 */
export class SharedBucket {
  readonly #options: SharedBucketOptions
  readonly #key: string
  /** Of them a millisecond has so many. */
  readonly #units: number
  readonly #every: number

  constructor(options: SharedBucketOptions) {
    const { key, every } = options
    this.#options = options
    this.#units = every < minute ? 1000 : 1
    this.#key = this.#units === 1 ? `${key}:ms` : key
    this.#every = Math.round(every * this.#units)
  }

  /** Takes one if there is one. @returns what gives it back; undefined: there is none */
  async take(): Promise<(() => Promise<unknown>) | undefined> {
    const { shared, limit } = this.#options
    const { added, total } = await this.#fill(1, limit)
    if (!added) return undefined
    return () => shared.add(this.#key, -this.#every, { until: this.#keptUntil(total) })
  }

  /** Takes so many, whether they are there or not. @returns when it will be full, in milliseconds since the epoch */
  async owe(more: number): Promise<number> {
    const { shared } = this.#options
    const full = more > 0 ? (await this.#fill(more, Infinity)).total : await shared.get(this.#key)
    return full / this.#units
  }

  /**
   * One that is full already is brought to the present first, under a limit that fails when another node has done so
   * since; then this one looks again.
   */
  async #fill(more: number, limit: number): Promise<Added> {
    const { shared, clock } = this.#options
    const taken = more * this.#every
    for (;;) {
      const now = Math.round(clock.now() * this.#units)
      const full = await shared.get(this.#key)
      const isFull = full < now
      const room = now + limit * this.#every
      const outcome = await shared.add(this.#key, isFull ? now - full + taken : taken, {
        until: this.#keptUntil(Math.max(now, full) + taken),
        limit: isFull ? now + taken : room,
      })
      if (outcome.added || !isFull || outcome.total > room - taken) return outcome
    }
  }

  /** For longer than it takes to be full again, also when some is taken or given back meanwhile. */
  #keptUntil(full: number): number {
    const { every, limit } = this.#options
    return full / this.#units + 2 * Math.ceil(every * (limit + 1)) + lateness
  }
}
