import { equal } from 'node:assert/strict'
import type { Returns } from '@kong-ts/pdk'
import { openReturning } from '@kong-ts/pdk/host'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { CountedNode } from './counted-node.ts'

const workers = [1, 2, 3]

type Step =
  | { readonly take: readonly number[] }
  | { readonly deliver: readonly number[] }
  | { readonly undo: number }
  | { readonly wait: number }

const anyWorker = fc.constantFrom(...workers)
const steps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ take: fc.array(anyWorker, { maxLength: 6 }) }) },
  { weight: 4, arbitrary: fc.record({ deliver: fc.array(anyWorker, { maxLength: 8 }) }) },
  { weight: 1, arbitrary: fc.record({ undo: anyWorker }) },
  { weight: 3, arbitrary: fc.record({ wait: fc.integer({ min: 1, max: 60 }) }) },
)
const anyReturns: fc.Arbitrary<Returns> = fc.oneof(
  fc.record({ every: fc.constantFrom(1, 5, 10, 33.3) }),
  fc.record({ after: fc.constantFrom(10, 50, 200) }),
)

/** What one process alone would do, beside a node of three workers. */
class Comparison {
  readonly node = new CountedNode(...workers)
  readonly #alone: ReturnType<typeof openReturning>
  readonly #returns: Returns
  readonly #limit: number
  #wanted = 0
  #admitted = 0
  #answered = 0

  constructor(returns: Returns, limit: number) {
    this.#alone = openReturning(returns)
    this.#returns = returns
    this.#limit = limit
  }

  async follow(step: Step): Promise<void> {
    if ('take' in step) for (const worker of step.take) this.#take(worker)
    else if ('deliver' in step) for (const worker of step.deliver) await this.#deliver(worker)
    else {
      // Time stands still while messages are under way: which of two comes first decides who gets the permit, not how many do.
      await this.compare()
      if ('wait' in step) this.node.time += step.wait
      else await this.#undo(step.undo)
    }
  }

  async compare(): Promise<void> {
    await this.node.drain()
    equal(this.#answered, this.#wanted, 'takes that were never answered')
    const free = Math.max(0, this.#limit - this.#alone.out(this.node.time))
    const expected = Math.min(free, this.#wanted)
    for (let i = 0; i < expected; i++) this.#alone.take(this.node.time)
    equal(this.#admitted, expected, 'not as many as there are')
    this.#wanted = this.#admitted = this.#answered = 0
  }

  #take(worker: number): void {
    this.#wanted += 1
    const taken = this.node.counters(worker).take('k', this.#limit, this.#returns)
    void Promise.resolve(taken).then((isAdmitted) => {
      this.#answered += 1
      if (isAdmitted) this.#admitted += 1
    })
  }

  async #undo(worker: number): Promise<void> {
    if (this.#alone.out(this.node.time) === 0) return
    this.#alone.undo()
    this.node.counters(worker).release('k')
    await this.node.drain()
  }

  async #deliver(worker: number): Promise<void> {
    await this.node.toLedger(worker)
    await this.node.toWorker(worker)
  }
}

test('three workers admit together exactly what one would, whatever the order of events', async () => {
  const property = fc.asyncProperty(
    anyReturns,
    fc.integer({ min: 0, max: 8 }),
    fc.array(steps, { minLength: 5, maxLength: 80, size: 'max' }),
    async (returns, limit, all) => {
      const comparison = new Comparison(returns, limit)
      for (const step of all) await comparison.follow(step)
      await comparison.compare()
    },
  )
  await expect(
    fc.assert(property, { numRuns: Number(process.env['FC_RUNS'] ?? 200) }),
  ).resolves.toBeUndefined()
}, 60_000)

test('what is refused costs no message until the next permit is back; then nothing is remembered', async () => {
  const node = new CountedNode(1, 2)
  const returns = { every: 10 }
  node.time = 1000
  const take = async (worker: number) => {
    const taken = Promise.resolve(node.counters(worker).take('k', 1, returns))
    await node.drain()
    return taken
  }
  expect([await take(1), await take(1), await take(2)]).toEqual([true, false, false])
  node.time = 1009
  for (const worker of [1, 2]) expect(node.counters(worker).take('k', 1, returns)).toBe(false)
  node.time = 1010
  expect([await take(2), await take(1)]).toEqual([true, false])
  node.counters(2).release('k')
  await node.drain()
  expect(await take(1)).toBe(true)
  node.time = 3000
  for (let i = 0; i < 5; i++) {
    for (const worker of [1, 2]) void node.counters(worker).take(`other ${i}`, 1, 4000)
    await node.drain()
  }
  expect([node.ledger.size, node.counters(1).size, node.counters(2).size]).toEqual([5, 5, 5])
})

test('what a worker took that dies is out until it comes back by itself', async () => {
  const node = new CountedNode(1, 2)
  const take = async () => {
    const taken = Promise.resolve(node.counters(2).take('k', 1, { after: 1000 }))
    await node.drain()
    return taken
  }
  void node.counters(1).take('k', 1, { after: 1000 })
  await node.drain()
  node.kill(1)
  await node.drain()
  expect(await take()).toBe(false)
  node.time = 1010
  expect(await take()).toBe(true)
})
