import { deepEqual, ok } from 'node:assert/strict'
import { CountedNode } from './counted-node.ts'

export const keys = ['held-a', 'held-b', 'window-a', 'window-b'] as const
const second = 1000

interface Holding {
  readonly worker: number
  readonly key: string
  readonly until: number | undefined
}

/** What is true, as an onlooker counts it, beside what the counters answer. */
export class Trial {
  readonly node = new CountedNode(1, 2, 3)
  #lastWorker = 3
  #pending = new Set<number>()
  #takes = 0
  /** Permits in use, and those that a dead worker took in a window. */
  #holdings: Holding[] = []
  #excesses: string[] = []
  #tainted = new Set<string>()
  #largest = new Map<string, number>()
  readonly limits: number[]

  constructor(limits: readonly number[]) {
    this.limits = [...limits]
  }

  taken(key: string, until: number | undefined): number {
    return this.#holdings.filter((one) => one.key === key && one.until === until).length
  }

  until(key: string): number | undefined {
    if (key.startsWith('held')) return undefined
    return (Math.floor(this.node.time / second) + 1) * second
  }

  limit(key: string): number {
    return this.limits[keys.findIndex((one) => one === key)] ?? 0
  }

  number(index: number): number {
    const alive = [...this.node.workers].filter(([, { isDead }]) => !isDead)
    return alive[index % alive.length]?.[0] ?? 0
  }

  take(worker: number, key: string): void {
    const until = this.until(key)
    const limit = this.limit(key)
    const subject = `${key}@${until}`
    this.#largest.set(subject, Math.max(limit, this.#largest.get(subject) ?? 0))
    const take = this.#takes++
    const settle = (admitted: boolean): void => {
      this.#pending.delete(take)
      if (!admitted || this.node.workers.get(worker)?.isDead !== false) return
      this.#holdings.push({ worker, key, until })
      if (this.taken(key, until) > (this.#largest.get(subject) ?? 0)) this.#excesses.push(subject)
    }
    const answer = this.node.counters(worker).take(key, limit, until)
    if (typeof answer === 'boolean') return settle(answer)
    this.#pending.add(take)
    this.#takers.set(take, worker)
    void answer.then(settle)
  }
  #takers = new Map<number, number>()

  release(worker: number, key: string): boolean {
    const until = this.until(key)
    const i = this.#holdings.findIndex(
      (one) => one.worker === worker && one.key === key && one.until === until,
    )
    if (i === -1) return false
    this.#holdings.splice(i, 1)
    this.node.counters(worker).release(key)
    return true
  }

  kill(worker: number, keepsNews: boolean): void {
    if (!keepsNews) this.node.worker(worker).outbox.length = 0
    this.node.kill(worker)
    this.#holdings = this.#holdings.filter(
      (one) => one.worker !== worker || one.until !== undefined,
    )
    for (const key of keys) this.#tainted.add(`${key}@${this.until(key)}`)
    for (const [take, taker] of this.#takers) if (taker === worker) this.#pending.delete(take)
    this.node.start(++this.#lastWorker)
  }

  /** With nothing under way every take has its answer, and exactly what is free can be taken, by anyone. */
  async settle(first: number): Promise<void> {
    await this.node.drain()
    deepEqual([...this.#pending], [], 'takes that were never answered')
    deepEqual(this.#excesses, [], 'subjects that were admitted beyond the limit')
    for (const key of keys) await this.#fill(key, first)
  }

  async #fill(key: string, first: number): Promise<void> {
    const until = this.until(key)
    const before = this.taken(key, until)
    const probes: number[] = []
    // One worker gets all that is free; when it is refused, so is everyone.
    for (let refusals = 0; refusals < 3;) {
      const worker = this.number(first + refusals)
      const now = this.taken(key, until)
      this.take(worker, key)
      await this.node.drain()
      if (this.taken(key, until) > now) {
        ok(refusals === 0, `${key}: one worker was refused, another was not`)
        probes.push(worker)
      } else refusals++
    }
    const free = Math.max(0, this.limit(key) - before)
    // Leases of a worker that died in the window are lost with it; it never admits more.
    const isLossy = until !== undefined && this.#tainted.has(`${key}@${until}`)
    if (isLossy) ok(probes.length <= free, `${key}: more than the limit`)
    else deepEqual([key, probes.length], [key, free])
    for (const worker of probes) this.release(worker, key)
    await this.node.drain()
  }
}
