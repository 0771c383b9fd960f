import type { Clock, Log } from '@kong-ts/pdk'
import { within } from './later.ts'
import type { Later } from './later.ts'
import { errorOf, Outage } from './outage.ts'

export interface SharedLinkOptions {
  readonly clock: Clock
  readonly log: Log
  /** Milliseconds that the database may take to answer. */
  readonly timeout: number
  readonly later: Later
}

/** Milliseconds for which a database that has failed is left alone. */
const pause = 500

/** The database, which may be away: then nobody waits for it for a while. That it went and came back is logged once each. */
export class SharedLink {
  readonly #options: SharedLinkOptions
  readonly #outage: Outage
  #failure: Error | undefined
  /** Until then nobody waits for a database that has failed; by the clock. */
  #restsUntil = 0

  constructor(options: SharedLinkOptions) {
    this.#options = options
    this.#outage = new Outage('the database', options.log)
  }

  /** @throws (rejects) when it is away, or does not answer in time */
  async ask<T>(work: () => Promise<T>): Promise<T> {
    const { timeout, later, clock } = this.#options
    if (this.#failure && clock.now() < this.#restsUntil) throw this.#failure
    try {
      const answer = await within(timeout, work(), later)
      this.#failure = undefined
      this.#outage.worked()
      return answer
    } catch (error) {
      this.#failure = errorOf(error)
      this.#restsUntil = clock.now() + pause
      this.#outage.failed(this.#failure)
      throw error
    }
  }
}
