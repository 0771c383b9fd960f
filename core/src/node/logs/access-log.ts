import type { Clock } from '@kong-ts/pdk'
import { type AccessEntry, accessLine, overflowLine } from './access-line.ts'

export type { AccessEntry } from './access-line.ts'

export interface AccessLogOptions {
  /** Default: the wall clock. */
  readonly clock?: Clock
}

interface Flood {
  /** The latest of the repeated endings. */
  entry: AccessEntry
  repeated: number
  received: number
  sent: number
}

/** Milliseconds over which equal refusals are told in one line. */
const second = 1000
/** Refusals that are kept apart in one second, so that a flood from many addresses costs bounded memory. */
const distinct = 10_000

/**
 * One line for each connection that ended. Of equal refusals (same ending, client address and route; status 400 and
 * up) the first of a second is written at once and the others become one line when that second is over.
 */
export class AccessLog {
  readonly #writer: { write(line: string): void }
  readonly #clock: Clock
  readonly #floods = new Map<string, Flood | undefined>()
  #overflow = 0
  #started = 0
  #timer: NodeJS.Timeout | undefined

  constructor(writer: { write(line: string): void }, { clock = Date }: AccessLogOptions = {}) {
    this.#writer = writer
    this.#clock = clock
  }

  record(entry: AccessEntry): void {
    const now = this.#clock.now()
    if (entry.status < 400 || this.#isFirst(entry, now)) {
      this.#writer.write(accessLine(entry, now))
    }
  }

  /** Writes what is being counted; the writer has to be flushed afterwards. */
  flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const now = this.#clock.now()
    for (const flood of this.#floods.values()) {
      if (flood) this.#writer.write(accessLine(flood.entry, now, flood))
    }
    if (this.#overflow > 0) this.#writer.write(overflowLine(now, this.#overflow))
    this.#floods.clear()
    this.#overflow = 0
  }

  #isFirst(entry: AccessEntry, now: number): boolean {
    this.#turnSecond(now)
    const key = `${entry.ending} ${entry.client.address} ${entry.route?.id ?? ''}`
    if (this.#floods.has(key)) {
      this.#count(key, entry)
      return false
    }
    if (this.#floods.size >= distinct) {
      this.#overflow += 1
      return false
    }
    this.#floods.set(key, undefined)
    return true
  }

  /** Starts a second if none runs, or if the running one is over; a clock that was set back ends it, too. */
  #turnSecond(now: number): void {
    if (this.#timer && now >= this.#started && now < this.#started + second) return
    this.flush()
    this.#started = now
    this.#timer = setTimeout(() => this.flush(), second).unref()
  }

  #count(key: string, entry: AccessEntry): void {
    const { received, sent } = entry.bytes.client
    const flood = this.#floods.get(key)
    if (!flood) {
      this.#floods.set(key, { entry, repeated: 1, received, sent })
      return
    }
    flood.entry = entry
    flood.repeated += 1
    flood.received += received
    flood.sent += sent
  }
}
