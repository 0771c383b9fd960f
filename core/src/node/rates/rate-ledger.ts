import type { Clock } from '@kong-ts/pdk'
import { Buckets, type Bucket } from '../counters/buckets.ts'
import type { Grant, WantBytes, GrantBytes, Want } from './messages.ts'

/** Milliseconds between rounds in which those that wait get what has come in. */
const step = 50
/** Seconds of a rate that are saved up at least, and that a grant is worth at least. */
const saved = 0.1
const grain = 0.02
/** A grant is worth a packet, unless that takes longer than a full bucket. */
const packet = 1460

interface Waiting {
  readonly worker: number
  readonly bytes: number
  readonly weight: number
}

interface Account extends Bucket {
  readonly bytesPerSecond: number
  readonly capacity: number
  tokens: number
  /** Milliseconds of the clock when they were counted. */
  filled: number
  waiting: Waiting[]
}

export interface RateLedgerParts {
  /** Of time that never jumps. */
  readonly clock: Clock
  send(worker: number, message: GrantBytes): void
  /** Calls back once after so many milliseconds. */
  later(milliseconds: number, run: () => void): void
}

/**
 * The supervisor's side of the rates that workers share: all bytes come from here, so that together they never pass
 * more. Who wants some and finds none waits; what comes in is shared out evenly among the connections of those that wait.
 */
export class RateLedger {
  readonly #parts: RateLedgerParts
  readonly #accounts = new Buckets<Account>()
  /** Those that somebody waits for. */
  readonly #busy = new Set<Account>()
  #stepping = false

  constructor(parts: RateLedgerParts) {
    this.#parts = parts
  }

  /** How many rates are remembered. */
  get size(): number {
    return this.#accounts.size
  }

  receive(worker: number, { wants }: WantBytes): void {
    const now = this.#parts.clock.now()
    const wanted = new Set<Account>()
    for (const want of wants) {
      const account = this.#accounts.find(want.key, undefined) ?? this.#open(want, now)
      account.waiting.push({ worker, bytes: want.bytes, weight: want.weight })
      wanted.add(account)
    }
    this.#serve(wanted, now)
  }

  /** A worker is gone: it waits for nothing any more. */
  drop(worker: number): void {
    for (const account of this.#busy) {
      account.waiting = account.waiting.filter((waiting) => waiting.worker !== worker)
      if (account.waiting.length === 0) this.#busy.delete(account)
    }
  }

  #open({ key, bytesPerSecond, burst }: Want, now: number): Account {
    const capacity = Math.max(burst, bytesPerSecond * saved, 1)
    this.#accounts.sweep((account) => this.#isFull(account, now))
    return this.#accounts.add({
      key,
      until: undefined,
      bytesPerSecond,
      capacity,
      tokens: capacity,
      filled: now,
      waiting: [],
    })
  }

  /** One that is full again is as good as new. */
  #isFull(account: Account, now: number): boolean {
    if (account.waiting.length > 0) return false
    refill(account, now)
    return account.tokens === account.capacity
  }

  #serve(accounts: Iterable<Account>, now: number): void {
    const grants = new Map<number, Grant[]>()
    for (const account of accounts) {
      refill(account, now)
      for (const [worker, bytes] of share(account)) {
        const list = grants.get(worker) ?? []
        grants.set(worker, list)
        list.push({ key: account.key, bytes })
      }
      if (account.waiting.length > 0) this.#busy.add(account)
      else this.#busy.delete(account)
    }
    this.#step()
    for (const [worker, list] of grants) {
      this.#parts.send(worker, { type: 'rates.grant', grants: list })
    }
  }

  #step(): void {
    if (this.#stepping || this.#busy.size === 0) return
    this.#stepping = true
    this.#parts.later(step, () => {
      this.#stepping = false
      this.#serve([...this.#busy], this.#parts.clock.now())
    })
  }
}

function refill(account: Account, now: number): void {
  const earned = (Math.max(0, now - account.filled) * account.bytesPerSecond) / 1000
  account.tokens = Math.min(account.tokens + earned, account.capacity)
  account.filled = now
}

/** Takes what there is out of the account for those that wait, as far as it is worth a message. */
function share(account: Account): [worker: number, bytes: number][] {
  const { waiting, bytesPerSecond, capacity } = account
  const worth = Math.max(bytesPerSecond * grain, Math.min(packet, bytesPerSecond * saved), 1)
  const wanted = waiting.reduce((sum, { bytes }) => sum + bytes, 0)
  if (account.tokens < Math.min(worth, wanted, capacity)) return []
  account.waiting = []
  // Those that want least for a connection come first: what they leave is for the others.
  const order = waiting.toSorted((a, b) => a.bytes / a.weight - b.bytes / b.weight)
  let weights = order.reduce((sum, { weight }) => sum + weight, 0)
  const granted: [number, number][] = []
  for (const want of order) {
    const part = Math.min(want.bytes, Math.floor((account.tokens * want.weight) / weights))
    account.tokens -= part
    weights -= want.weight
    if (part > 0) granted.push([want.worker, part])
    else account.waiting.push(want)
  }
  return granted
}
