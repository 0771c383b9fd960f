import type { Clock, Log } from '@kong-ts/pdk'

/** Milliseconds for which a store that has failed is not asked again. */
const pause = 1000

/** Whether the store of the quotas is away, for all keys together. */
export class Outage {
  readonly #clock: Clock
  readonly #log: Log
  /** Until when there is no use in asking, in milliseconds since the epoch. */
  until = -Infinity
  #isTold = false

  constructor(clock: Clock, log: Log) {
    this.#clock = clock
    this.#log = log
  }

  get isOn(): boolean {
    return this.#clock.now() < this.until
  }

  begin(error: unknown): void {
    this.until = this.#clock.now() + pause
    if (this.#isTold) return
    this.#isTold = true
    const why = error instanceof Error ? error.message : String(error)
    this.#log.warn({ error: why }, 'the store of the quotas is away')
  }

  end(): void {
    if (!this.#isTold) return
    this.#isTold = false
    this.#log.info({}, 'the store of the quotas is back')
  }
}
