import type { Clock, Learned, NodeCounters, Returns } from '@kong-ts/pdk'
import { totalOf } from '@kong-ts/pdk/host'
import { Buckets, isPast } from './buckets.ts'
import { askable, openLease, settle, takeUnused } from './lease.ts'
import type { Lease } from './lease.ts'
import type { Answer, ToSupervisor, ToWorker } from './messages.ts'

/**
 * A worker's side of the counters: it admits from its lease at once, refuses a windowed key at once when it has been
 * refused, and asks the supervisor otherwise.
 */
export class LeasedCounters implements NodeCounters {
  readonly #send: (message: ToSupervisor) => void
  readonly #clock: Clock
  readonly #leases = new Buckets<Lease>()
  #connected = true

  /** @param send must keep the order; a message that cannot be sent must lead to `disconnect` */
  constructor(send: (message: ToSupervisor) => void, clock: Clock) {
    this.#send = send
    this.#clock = clock
  }

  /** How many keys are remembered. */
  get size(): number {
    return this.#leases.size
  }

  take(key: string, limit: number, until?: number | Returns): boolean | Promise<boolean> {
    if (!this.#connected) return false
    const now = this.#clock.now()
    this.#sweep(now)
    const lease = this.#leaseOf(key, until)
    if (takeUnused(lease, limit)) return true
    if (limit <= lease.refusedLimit && now < lease.refusedUntil) return false
    return new Promise((resolve) => {
      lease.waiting.push({ limit, settle: resolve })
      this.#ask(lease)
    })
  }

  #leaseOf(key: string, until: number | Returns | undefined): Lease {
    const isWindow = typeof until !== 'object'
    const end = isWindow ? until : undefined
    return (
      this.#leases.find(key, end) ??
      this.#leases.add(openLease(key, end, isWindow ? undefined : until))
    )
  }

  release(key: string): void {
    const lease = this.#leases.findLast(key, ({ used }) => used > 0)
    if (!lease) return this.#undo(key)
    lease.used--
    lease.refusedLimit = 0
    if (lease.passOn || lease.waiting.length > 0) this.#give(lease, 1, false)
    else lease.unused++
    if (isEmpty(lease)) this.#leases.remove(lease)
  }

  /** The supervisor counts what others took, and takes leases back that they leave no room for. */
  learn(key: string, until: number | Returns, { told, heard }: Learned): void {
    if (!this.#connected) return
    const returns = typeof until === 'object' ? until : undefined
    const end = typeof until === 'object' ? undefined : until
    const lease = this.#leases.find(key, end)
    // What is here must not be taken before that.
    if (lease && lease.unused > lease.limit - totalOf(heard)) this.#giveUnused(lease)
    this.#send({ type: 'counters.learn', key, until: end, returns, told, heard })
  }

  /** Of permits that come back by themselves nothing needs to be remembered here: the supervisor knows. */
  #undo(key: string): void {
    if (!this.#connected) return
    const lease = this.#leases.find(key, undefined)
    if (lease && !lease.returns) return
    if (lease) lease.refusedLimit = 0
    this.#send({ type: 'counters.undo', key })
  }

  receive(message: ToWorker): void {
    if (!this.#connected) return
    const lease = this.#leases.find(message.key, message.until)
    if (message.type === 'counters.answer') {
      if (lease) this.#answer(lease, message)
    } else if (message.type === 'counters.recall') {
      this.#recall(lease ?? openLease(message.key, message.until))
    } else if (lease) {
      lease.refusedLimit = 0
    }
  }

  /** The worker is about to end: what it has not used is for the others. */
  giveBack(): void {
    for (const lease of this.#leases.all()) this.#giveUnused(lease)
  }

  /** The supervisor is gone: nobody counts any more, so that nothing is admitted any more. */
  disconnect(): void {
    this.#connected = false
    const waiting = this.#leases.all().flatMap((lease) => lease.waiting)
    this.#leases.clear()
    for (const take of waiting) take.settle(false)
  }

  #answer(lease: Lease, { limit, permits, refused, passOn, next }: Answer): void {
    lease.limit = limit
    lease.passOn = passOn
    lease.unused += permits
    if (refused > 0 && (lease.until !== undefined || next !== undefined)) {
      lease.refusedLimit = Math.max(lease.refusedLimit, limit)
      lease.refusedUntil = next ?? Infinity
    }
    settle(lease, refused)
    this.#ask(lease)
    if (isEmpty(lease)) this.#leases.remove(lease)
  }

  #recall(lease: Lease): void {
    lease.passOn = true
    this.#give(lease, lease.unused, true)
    lease.unused = 0
  }

  #ask(lease: Lease): void {
    const [first] = lease.waiting
    if (!first || lease.asked > 0) return
    // What is left was leased under another limit: the supervisor must count it before it decides under this one.
    this.#giveUnused(lease)
    lease.asked = askable(lease)
    const { key, until, asked, returns } = lease
    this.#send({ type: 'counters.want', key, until, limit: first.limit, wanted: asked, returns })
  }

  #giveUnused(lease: Lease): void {
    if (lease.unused > 0) this.#give(lease, lease.unused, false)
    lease.unused = 0
  }

  #give({ key, until }: Lease, permits: number, recalled: boolean): void {
    this.#send({ type: 'counters.give', key, until, permits, recalled })
  }

  #sweep(now: number): void {
    this.#leases.sweep((lease) => this.#isOver(lease, now))
  }

  /** A window's lease ends with the window; another one when it was not used from one visit to the next. */
  #isOver(lease: Lease, now: number): boolean {
    if (lease.waiting.length > 0) return false
    if (lease.until !== undefined) return isPast(lease.until, now)
    if (lease.returns) return lease.refusedLimit === 0 || now >= lease.refusedUntil
    if (lease.used > 0) return false
    if (lease.idle) this.#giveUnused(lease)
    else lease.idle = true
    return lease.unused === 0
  }
}

/** Whether a windowless lease has nothing to remember. */
function isEmpty(lease: Lease): boolean {
  const { until, used, unused, waiting, refusedLimit } = lease
  const holdsNothing = used === 0 && unused === 0 && waiting.length === 0
  return until === undefined && holdsNothing && refusedLimit === 0
}
