/** A node in memory for the tests of the counters: channels that deliver when told, and a clock moved by hand. */
import type { Returns } from '@kong-ts/pdk'
import { Ledger } from './ledger.ts'
import { LeasedCounters } from './leased-counters.ts'
import type { ToSupervisor, ToWorker } from './messages.ts'

export class CountedWorker {
  readonly counters: LeasedCounters
  readonly inbox: ToWorker[] = []
  readonly outbox: ToSupervisor[] = []
  isDead = false

  constructor(clock: { now(): number }) {
    this.counters = new LeasedCounters((message) => {
      this.outbox.push(message)
    }, clock)
  }
}

export class CountedNode {
  time = 0
  readonly clock = { now: () => this.time }
  readonly workers = new Map<number, CountedWorker>()
  readonly ledger = new Ledger((worker, message) => {
    this.workers.get(worker)?.inbox.push(message)
  }, this.clock)

  constructor(...workers: readonly number[]) {
    for (const number of workers) this.start(number)
  }

  start(number: number): CountedWorker {
    const worker = new CountedWorker(this.clock)
    this.workers.set(number, worker)
    this.ledger.join(number)
    return worker
  }

  worker(number: number): CountedWorker {
    const worker = this.workers.get(number)
    if (!worker) throw new Error(`there is no worker ${number}`)
    return worker
  }

  counters(number: number): LeasedCounters {
    return this.worker(number).counters
  }

  /** The supervisor learns of it after what the worker had sent. */
  kill(number: number): void {
    this.worker(number).isDead = true
  }

  /** Delivers the oldest message of a worker, or the news of its death. */
  async toLedger(number: number): Promise<void> {
    const { outbox, isDead } = this.worker(number)
    const message = outbox.shift()
    if (message) this.ledger.receive(number, structuredClone(message))
    else if (isDead) {
      this.workers.delete(number)
      this.ledger.drop(number)
    }
    await tick()
  }

  async toWorker(number: number): Promise<void> {
    const { inbox, isDead, counters } = this.worker(number)
    const message = inbox.shift()
    if (message && !isDead) counters.receive(structuredClone(message))
    await tick()
  }

  async drain(): Promise<void> {
    for (let busy = true; busy;) {
      busy = false
      for (const [number, { inbox, outbox, isDead }] of this.workers) {
        if (inbox.length + outbox.length === 0 && !isDead) continue
        busy = true
        await this.toWorker(number)
        await this.toLedger(number)
      }
    }
  }

  /** Takes, and answers when all messages have been delivered; undefined when the take still waits. */
  async take(
    number: number,
    key: string,
    limit: number,
    until?: number | Returns,
  ): Promise<boolean | undefined> {
    let answer: boolean | undefined
    const taking = Promise.resolve(this.counters(number).take(key, limit, until))
    void taking.then((admitted) => (answer = admitted))
    await this.drain()
    await tick()
    return answer
  }
}

/** Lets settled promises be heard. */
export async function tick(): Promise<void> {
  for (let i = 0; i < 4; i++) await Promise.resolve()
}
