import type { Log, LogFields } from '@kong-ts/pdk'

/** Tells the log when something goes away and when it comes back: once each, however many ask meanwhile. */
export class Outage {
  readonly #what: string
  readonly #log: Log
  readonly #fields: LogFields
  /** The reason that the log has been told. */
  #told: string | undefined

  /** @param what as the line begins: `Redis` */
  constructor(what: string, log: Log, fields: LogFields = {}) {
    this.#what = what
    this.#log = log
    this.#fields = fields
  }

  failed({ message }: Error): void {
    if (this.#told === message) return
    this.#told = message
    this.#log.error(this.#fields, `${this.#what} is away: ${message}`)
  }

  /** It has done what it is for: that it can be reached again would not say so much. */
  worked(): void {
    if (this.#told === undefined) return
    this.#told = undefined
    this.#log.warn(this.#fields, `${this.#what} is back`)
  }
}

export function errorOf(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown))
}
