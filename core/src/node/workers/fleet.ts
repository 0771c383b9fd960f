import type { Delta, Snapshot } from '../../entities/rows.ts'
import { messageOf } from '../../errors/message-of.ts'
import type { LogLevelName } from '../../settings/log-levels.ts'
import type { ErrorLog } from '../logs/log.ts'
import { prepareAll } from './prepare-all.ts'
import { Stopping, type Traffic, type WorkerLink } from './worker-link.ts'

/** Makes the worker of a slot. */
export type MakeWorker = (slot: number) => WorkerLink

export interface FleetOptions {
  readonly slots: number
  readonly make: MakeWorker
  /** The configuration as it is committed, for a worker that starts. */
  readonly snapshot: () => Snapshot
  readonly log: ErrorLog
  /** Hears of every change that was committed, once the workers follow it. */
  readonly swapped: (delta: Delta) => void
}

/** A change, and those that wait for its swap. */
interface Prepared {
  readonly delta: Delta
  readonly links: readonly WorkerLink[]
}

/** Milliseconds before a worker that could not start is tried again; doubles up to the longest. */
const firstPause = 100
const longestPause = 5_000

/**
 * The workers of a node. Changes and replacements take turns, so that a worker that starts neither misses a
 * change nor sees one twice.
 */
export class Fleet {
  readonly #options: FleetOptions
  /** By slot, those that take traffic. */
  readonly #serving: (WorkerLink | undefined)[]
  /** All that are not gone, those that start or drain included. */
  readonly #links = new Set<WorkerLink>()
  #prepared: Prepared | undefined
  #make: MakeWorker
  #turn: Promise<unknown> = Promise.resolve()
  #stopping = false
  /** The latest secret of session tickets, when it is not the one that workers are made with. */
  #tickets: Uint8Array | undefined
  /** The latest level of the error log, when it is not the one that workers are made with. */
  #level: LogLevelName | undefined
  /** Connections of workers that are gone. */
  #accepted = 0

  constructor(options: FleetOptions) {
    this.#options = options
    this.#make = options.make
    this.#serving = Array.from({ length: options.slots }, () => undefined)
  }

  get pids(): readonly number[] {
    return this.#alive.map(({ pid }) => pid)
  }

  /** Of the workers that take traffic, as `WorkerLink.heap` and `WorkerLink.resident`; by process id. */
  get heaps(): readonly Pick<WorkerLink, 'pid' | 'heap' | 'resident'>[] {
    return this.#alive
      .map(({ pid, heap, resident }) => ({ pid, heap, resident }))
      .toSorted((a, b) => a.pid - b.pid)
  }

  get traffic(): Traffic {
    const all = [...this.#links].map(({ traffic }) => traffic)
    return {
      accepted: all.reduce((sum, { accepted }) => sum + accepted, this.#accepted),
      active: all.reduce((sum, { active }) => sum + active, 0),
    }
  }

  /** Starts every worker. @throws what the first of them could not start with; none is left running */
  async start(): Promise<void> {
    const started = await Promise.allSettled(this.#serving.map((_, slot) => this.#launch(slot)))
    const failed = started.find((each) => each.status === 'rejected')
    if (!failed) return
    this.#stopping = true
    const links = [...this.#links]
    for (const link of links) link.kill()
    await Promise.all(links.map(({ gone }) => gone))
    throw failed.reason
  }

  /**
   * Runs `work` while no worker is being replaced and no other change is under way.
   * @throws Stopping when the node is on its way out
   */
  exclusively<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(() => {
      if (this.#stopping) throw new Stopping()
      return work()
    })
    this.#turn = mine.catch(() => undefined)
    return mine
  }

  /**
   * Has every worker prepare a change. One that dies or hangs is replaced and has no veto, unless no other is left.
   * @throws Veto with what the worker said; then nothing is prepared
   */
  async prepare(delta: Delta): Promise<void> {
    const links = await prepareAll(this.#alive, delta, (link, why) => this.#dismiss(link, why))
    this.#prepared = { delta, links }
  }

  /** Has new connections follow what was prepared: the change is committed, so that nobody may stay behind. */
  async swap(): Promise<void> {
    const prepared = this.#prepared
    if (!prepared) return
    this.#prepared = undefined
    await Promise.all(
      prepared.links.map((link) =>
        link.swap().catch((error: unknown) => this.#dismiss(link, error)),
      ),
    )
    this.#options.swapped(prepared.delta)
  }

  discard(): void {
    for (const link of this.#prepared?.links ?? []) link.discard()
    this.#prepared = undefined
  }

  /**
   * Starts a new worker in every slot and drains the old ones once the new ones take traffic.
   * @throws when one cannot start; then the old ones go on
   */
  async replace(make: MakeWorker, drainTime: number): Promise<void> {
    if (this.#stopping) throw new Stopping()
    const before = [...this.#serving]
    const fresh = before.map((_, slot) => this.#hire(make, slot))
    const snapshot = this.#options.snapshot()
    const started = await Promise.allSettled(
      fresh.map((link, slot) => link.start(snapshot, before[slot])),
    )
    const failed = started.find((each) => each.status === 'rejected')
    if (failed) {
      for (const link of fresh) link.kill()
      throw failed.reason
    }
    this.#make = make
    fresh.forEach((link, slot) => this.#adopt(slot, link))
    for (const link of before) if (link) this.#retire(link, drainTime)
  }

  /** Ends every worker; a change that is under way comes to its end, too. */
  async drain(milliseconds: number): Promise<void> {
    this.#stopping = true
    await Promise.all([...this.#links].map((link) => link.drain(milliseconds)))
    await this.#turn
  }

  reopenLogs(): void {
    for (const link of this.#links) link.reopenLogs()
  }

  /** The least level that is logged from now on, also by workers to come and by those that drain. */
  setLogLevel(level: LogLevelName): void {
    this.#level = level
    for (const link of this.#links) link.setLogLevel(level)
  }

  /** From now on, also in workers to come: TLS sessions are resumed under tickets of this secret. */
  renewTickets(secret: Uint8Array): void {
    this.#tickets = secret
    for (const link of this.#alive) link.renewTickets(secret)
  }

  get #alive(): WorkerLink[] {
    return this.#serving.filter((link) => link !== undefined)
  }

  #hire(make: MakeWorker, slot: number): WorkerLink {
    const link = make(slot)
    this.#links.add(link)
    void link.gone.then(() => {
      this.#links.delete(link)
      this.#accepted += link.traffic.accepted
      this.#onGone(slot, link)
    })
    return link
  }

  async #launch(slot: number): Promise<void> {
    const link = this.#hire(this.#make, slot)
    try {
      await link.start(this.#options.snapshot())
    } catch (error) {
      link.kill()
      throw error
    }
    this.#adopt(slot, link)
  }

  #adopt(slot: number, link: WorkerLink): void {
    this.#serving[slot] = link
    if (this.#tickets) link.renewTickets(this.#tickets)
    if (this.#level) link.setLogLevel(this.#level)
    // It may have died while others were still starting.
    if (!this.#links.has(link)) this.#onGone(slot, link)
  }

  /** A worker that does not follow must not serve: its end makes room for another one. */
  #dismiss(link: WorkerLink, why: unknown): void {
    this.#options.log.error({ worker: link.pid, error: messageOf(why) }, 'a worker did not follow')
    link.kill()
  }

  #retire(link: WorkerLink, drainTime: number): void {
    link.drain(drainTime).catch((error: unknown) => {
      this.#options.log.error({ error: messageOf(error) }, 'a worker did not end in order')
    })
  }

  #onGone(slot: number, link: WorkerLink): void {
    if (this.#stopping || this.#serving[slot] !== link) return
    this.#serving[slot] = undefined
    this.#options.log.error(
      { worker: link.pid, slot },
      'a worker died; another one takes its place',
    )
    void this.#revive(slot, firstPause)
  }

  async #revive(slot: number, pause: number): Promise<void> {
    try {
      await this.exclusively(async () => {
        if (!this.#serving[slot]) await this.#launch(slot)
      })
    } catch (error) {
      if (this.#stopping) return
      const why = messageOf(error)
      this.#options.log.error({ slot, error: why }, 'a worker could not be replaced; trying again')
      setTimeout(() => void this.#revive(slot, Math.min(pause * 2, longestPause)), pause).unref()
    }
  }
}
