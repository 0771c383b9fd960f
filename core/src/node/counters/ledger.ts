import type { Clock } from '@kong-ts/pdk'
import type { Returning } from '@kong-ts/pdk/host'
import {
  dropWorker,
  isIdle,
  learnElsewhere,
  lineOf,
  openAccount,
  openLine,
  takenOf,
} from './account.ts'
import type { Account, Line, Request } from './account.ts'
import { Buckets, isPast } from './buckets.ts'
import type { Answer, Give, Learn, ToSupervisor, ToWorker, Undo, Want } from './messages.ts'

/** The most permits that one lease holds beyond those wanted: so many are lost with a worker that dies. */
const largestLease = 256

/**
 * The supervisor's side of the counters: it grants permits to the workers, never more than the limit, and refuses
 * only when none is unused anywhere.
 */
export class Ledger {
  readonly #send: (worker: number, message: ToWorker) => void
  readonly #clock: Clock
  readonly #workers = new Set<number>()
  readonly #accounts = new Buckets<Account>()

  /** @param send must keep the order per worker, and may lose what is for a dead one */
  constructor(send: (worker: number, message: ToWorker) => void, clock: Clock) {
    this.#send = send
    this.#clock = clock
  }

  /** How many keys are remembered. */
  get size(): number {
    return this.#accounts.size
  }

  /** A worker starts; it has taken nothing yet. */
  join(worker: number): void {
    this.#workers.add(worker)
  }

  /** A worker is dead, and everything that it sent has been received. */
  drop(worker: number): void {
    if (!this.#workers.delete(worker)) return
    const now = this.#clock.now()
    for (const account of this.#accounts.all()) {
      dropWorker(account, worker)
      this.#advance(account, now)
    }
  }

  /** Takes a message of a worker that has joined; one of any other is ignored. */
  receive(worker: number, message: ToSupervisor): void {
    if (!this.#workers.has(worker)) return
    const now = this.#clock.now()
    this.#accounts.sweep((account) => isOver(account, now))
    if (message.type === 'counters.want') this.#want(worker, message, now)
    else if (message.type === 'counters.give') this.#give(worker, message, now)
    else if (message.type === 'counters.learn') this.#learn(message, now)
    else this.#undo(message)
  }

  #want(worker: number, message: Want, now: number): void {
    const { key, until, limit, wanted, returns } = message
    let account = this.#accounts.find(key, until)
    if (!account) {
      account = openAccount(key, until, limit, returns)
      if (isPast(until, now)) {
        // Its count was forgotten with the window, so that nothing can be admitted in it any more.
        this.#reply(account, worker, { permits: 0, refused: wanted, passOn: true })
        return
      }
      this.#accounts.add(account)
    }
    account.queue.push({ worker, limit, wanted })
    this.#advance(account, now)
  }

  /** What others took counts from now on, and leases for which that leaves no room come back. */
  #learn({ key, until, told, heard, returns }: Learn, now: number): void {
    if (isPast(until, now)) return
    const account =
      this.#accounts.find(key, until) ?? this.#accounts.add(openAccount(key, until, 0, returns))
    const before = takenOf(account, now)
    learnElsewhere(account, { told, heard })
    const taken = takenOf(account, now)
    if (taken < before) this.#announceFreed(account)
    if (taken <= account.limit) return
    for (const line of account.lines) if (line.lends) this.#recall(account, line)
  }

  #undo({ key, until }: Undo): void {
    const account = this.#accounts.find(key, until)
    if (!account?.returning) return
    account.returning.undo()
    this.#announceFreed(account)
  }

  #give(worker: number, message: Give, now: number): void {
    const account = this.#accounts.find(message.key, message.until)
    const line = account && lineOf(account, worker)
    if (!line) return
    line.granted -= Math.min(message.permits, line.granted)
    if (message.recalled) line.recalls = Math.max(0, line.recalls - 1)
    if (message.permits > 0) this.#announceFreed(account)
    this.#advance(account, now)
  }

  /** Answers what can be answered, in order. */
  #advance(account: Account, now: number): void {
    for (
      let next = account.queue[0];
      next && this.#isReady(account, next, now);
      next = account.queue[0]
    ) {
      account.queue.shift()
      if (account.returning) this.#answerReturning(account, account.returning, next, now)
      else this.#answer(account, next, now)
    }
    if (isIdle(account, now)) this.#accounts.remove(account)
  }

  /** Whether a request can be decided; if not, the unused permits of all other workers are on their way. */
  #isReady(account: Account, request: Request, now: number): boolean {
    if (account.returning) return true
    const free = request.limit - takenOf(account, now)
    if (request.limit === account.limit && free >= request.wanted) return true
    // Who asks has nothing unused, and its own answer to a recall would come too late to matter.
    const others = account.lines.filter(({ worker }) => worker !== request.worker)
    for (const line of others) if (line.lends) this.#recall(account, line)
    return others.every(({ recalls }) => recalls === 0)
  }

  #recall(account: Account, line: Line): void {
    line.lends = false
    line.recalls++
    this.#send(line.worker, { type: 'counters.recall', key: account.key, until: account.until })
  }

  #answer(account: Account, { worker, limit, wanted }: Request, now: number): void {
    account.limit = limit
    const free = Math.max(0, limit - takenOf(account, now))
    const granted = Math.min(free, wanted)
    const lease = this.#leaseOf(free - granted)
    const line = openLine(account, worker)
    line.granted += granted + lease
    line.lends = lease > 0
    // A lease may come back unnoticed by those who refuse: they ask again.
    if (line.lends) this.#announceFreed(account)
    const refused = wanted - granted
    if (refused > 0 && account.until !== undefined) line.refuses = true
    this.#reply(account, worker, { permits: granted + lease, refused, passOn: !line.lends })
  }

  /**
   * Permits that come back by themselves are not leased: they come back in the order of their use, which nobody but
   * the supervisor knows.
   */
  #answerReturning(
    account: Account,
    returning: Returning,
    { worker, limit, wanted }: Request,
    now: number,
  ): void {
    account.limit = limit
    const granted = Math.max(0, Math.min(limit - returning.out(now), wanted))
    for (let i = 0; i < granted; i++) returning.take(now)
    const refused = wanted - granted
    const next = refused > 0 ? returning.next(now) : undefined
    openLine(account, worker).refuses ||= refused > 0
    this.#reply(account, worker, { permits: granted, refused, next, passOn: true })
  }

  /** Half of what is free is shared out evenly, so that leases shrink towards the limit and end before it. */
  #leaseOf(free: number): number {
    return Math.min(largestLease, Math.floor(free / (2 * this.#workers.size)))
  }

  #announceFreed(account: Account): void {
    for (const line of account.lines) {
      if (!line.refuses) continue
      line.refuses = false
      this.#send(line.worker, { type: 'counters.freed', key: account.key, until: account.until })
    }
  }

  #reply(
    { key, until, limit }: Account,
    worker: number,
    outcome: Pick<Answer, 'permits' | 'refused' | 'next' | 'passOn'>,
  ): void {
    this.#send(worker, { type: 'counters.answer', key, until, limit, ...outcome })
  }
}

/** Whether nobody would miss an account. */
function isOver(account: Account, now: number): boolean {
  if (account.returning) return isIdle(account, now)
  return isPast(account.until, now) && account.queue.length === 0
}
