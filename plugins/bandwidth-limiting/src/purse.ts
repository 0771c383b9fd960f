import { reject } from '@kong-ts/pdk'
import type { Allowance, Awaitable, Buckets, Clock, Rejection, Shared } from '@kong-ts/pdk'
import { giveBack, takeLease } from './lease.ts'
import type { Outage } from './outage.ts'
import { windowsAt, type Limits, type Window } from './periods.ts'

/** The first lease, and the largest, in bytes; and the part of a quota that no lease passes. */
const firstLease = 64 * 1024
const largestLease = 64 * 1024 * 1024
const leasesInQuota = 64
/** A lease that is used up within so many milliseconds is followed by one of twice the size. */
const soon = 1000

/** What a purse needs of the instance that it belongs to. */
export interface PurseTerms {
  readonly shared: Shared
  readonly buckets: Buckets
  readonly clock: Clock
  readonly outage: Outage
  readonly limits: Limits
  readonly isFaultTolerant: boolean
  readonly message: string
}

/**
 * The bytes of one key in this worker. They are taken out of the quota in leases before they pass, so that no more pass
 * than the quota has; what is left of a lease is given back.
 */
export class Purse {
  readonly key: string
  readonly allowance: Allowance
  /** When the last connection left; undefined while there are some. */
  idleSince: number | undefined
  readonly #terms: PurseTerms
  readonly #most: number
  #users = 0
  #size: number
  #leasedAt = -Infinity
  /** The windows that the last lease was taken from. */
  #windows: readonly Window[] = []
  #asking: Promise<string | undefined> | undefined
  /** Why there is nothing more to have, until when, in milliseconds since the epoch. */
  #refusal: { readonly reason: string; readonly until: number } | undefined
  /** Bytes that passed while the store was away; they are counted when it is back. */
  #owed = 0

  constructor(key: string, terms: PurseTerms) {
    this.key = key
    this.#terms = terms
    const limits = Object.values(terms.limits).filter((limit) => typeof limit === 'number')
    this.#most = Math.max(1, Math.floor(Math.min(...limits) / leasesInQuota))
    this.#size = Math.min(firstLease, this.#most)
    this.allowance = terms.buckets.allowance(this.#size / 2, () => this.#top())
  }

  /** A connection takes part; it is refused when the quota is used up. */
  enter(): Awaitable<Rejection | undefined> {
    this.#users += 1
    this.idleSince = undefined
    if (this.allowance.left >= 1) return undefined
    const refused = this.#refused()
    if (refused !== undefined) return reject(refused)
    return this.#lease().then((reason) => (reason === undefined ? undefined : reject(reason)))
  }

  leave(): void {
    this.#users -= 1
    if (this.#users === 0) this.idleSince = this.#terms.clock.now()
  }

  get isOwing(): boolean {
    return this.#owed > 0
  }

  /** Gives back what was not used, and counts what was not counted, as far as the store is there. */
  async settle(): Promise<void> {
    await this.#asking
    const { shared, clock, limits, outage } = this.#terms
    const unused = Math.floor(this.allowance.left) - this.#owed
    if (unused === 0 || outage.isOn) return
    const now = clock.now()
    const windows =
      unused > 0 ? this.#windows.filter(({ end }) => end > now) : windowsAt(now, limits)
    this.allowance.grant(-Math.floor(this.allowance.left))
    this.#owed = 0
    try {
      await giveBack(shared, this.key, windows, unused)
    } catch (error) {
      outage.begin(error)
      // What could not be given back stays counted.
      this.#owed += Math.max(0, -unused)
    }
  }

  /** There is little left, or nothing for somebody who has something to send. */
  #top(): void {
    if (this.#asking) return
    const refused = this.#refused()
    if (refused === undefined) void this.#lease()
    else if (this.allowance.left < 1) this.allowance.end(refused)
  }

  /** Answers with why there was none. */
  #lease(): Promise<string | undefined> {
    this.#asking ??= this.#ask().then((answer) => {
      // What comes of a grant may be the next question.
      this.#asking = undefined
      if (typeof answer === 'number') {
        this.allowance.grant(answer)
        return undefined
      }
      // Whoever waits asks again, and is told; who has used the very last byte may have nothing more to send.
      if (this.allowance.left < 1) this.allowance.grant(0)
      return answer
    })
    return this.#asking
  }

  /** Answers with bytes, or with why there are none. */
  async #ask(): Promise<number | string> {
    const { clock, shared, limits, outage } = this.#terms
    const now = clock.now()
    if (outage.isOn) return this.#withoutStore()
    this.#resize(now)
    this.#windows = windowsAt(now, limits)
    try {
      await this.#payDebt()
      // What passed beyond a lease is taken with the next one: bytes that were peeked, and all in shadow mode.
      const wanted = this.#size + Math.max(0, Math.ceil(-this.allowance.left))
      const { bytes, exhausted } = await takeLease(shared, this.key, this.#windows, wanted)
      outage.end()
      if (exhausted) {
        const { period, limit, end } = exhausted
        return this.#refuse(`${this.#terms.message}: ${limit} bytes per ${period}`, end)
      }
      this.#leasedAt = clock.now()
      return bytes
    } catch (error) {
      outage.begin(error)
      return this.#withoutStore()
    }
  }

  /** Who moves much asks seldom; who moves little leaves the rest to others. */
  #resize(now: number): void {
    const isUsedSoon = now - this.#leasedAt < soon
    const size = isUsedSoon ? this.#size * 2 : Math.max(this.#size / 2, firstLease)
    this.#size = Math.max(1, Math.floor(Math.min(size, this.#most, largestLease)))
  }

  async #payDebt(): Promise<void> {
    const owed = this.#owed
    if (owed === 0) return
    await giveBack(this.#terms.shared, this.key, this.#windows, -owed)
    this.#owed -= owed
  }

  #refuse(reason: string, until: number): string {
    this.#refusal = { reason, until }
    return reason
  }

  #refused(): string | undefined {
    const refusal = this.#refusal
    if (refusal && this.#terms.clock.now() < refusal.until) return refusal.reason
    this.#refusal = undefined
    return undefined
  }

  #withoutStore(): number | string {
    const { isFaultTolerant, outage } = this.#terms
    if (!isFaultTolerant) return this.#refuse('the bandwidth quota cannot be checked', outage.until)
    this.#owed += this.#size
    return this.#size
  }
}
