import { expect, test } from 'vitest'
import type { Want } from './messages.ts'
import { RateLedger } from './rate-ledger.ts'

function ledger() {
  const granted = new Map<number, number>()
  const later: (() => void)[] = []
  const node = { time: 1000, messages: 0 }
  const made = new RateLedger({
    clock: { now: () => node.time },
    send: (worker, { grants }) => {
      node.messages += 1
      for (const { bytes } of grants) granted.set(worker, (granted.get(worker) ?? 0) + bytes)
    },
    later: (_milliseconds, run) => void later.push(run),
  })
  const want = (worker: number, more: Partial<Want> = {}) => {
    const usual = { key: 'k', bytesPerSecond: 1_000_000, burst: 0, bytes: 100_000, weight: 1 }
    made.receive(worker, { type: 'rates.want', wants: [{ ...usual, ...more }] })
  }
  const pass = (milliseconds: number) => {
    node.time += milliseconds
    for (const run of later.splice(0)) run()
  }
  const take = (worker: number): number => {
    const bytes = granted.get(worker) ?? 0
    granted.delete(worker)
    return bytes
  }
  return { made, want, pass, take, node, later }
}

test('a tenth of a second is there at once, the rest comes at the rate', () => {
  const { want, pass, take, later } = ledger()
  want(1)
  expect(take(1)).toBe(100_000)
  want(1)
  expect(take(1)).toBe(0)
  pass(25)
  expect(take(1)).toBe(25_000)
  // Nobody waits: there is nothing to come back for.
  expect(later).toEqual([])
})

test('no worker gets more than the rate, however often it asks', () => {
  const { want, pass, take } = ledger()
  let sum = 0
  for (let round = 0; round < 400; round++) {
    for (const worker of [1, 2, 3]) {
      sum += take(worker)
      want(worker)
    }
    pass(25)
  }
  for (const worker of [1, 2, 3]) sum += take(worker)
  expect(sum).toBeLessThanOrEqual(10_100_000)
  expect(sum).toBeGreaterThan(10_000_000)
})

test('what comes in is shared by how many connections want it; what one leaves is for the others', () => {
  const { want, pass, take } = ledger()
  want(9)
  want(1, { weight: 1 })
  want(2, { weight: 3 })
  pass(40)
  expect([take(1), take(2)]).toEqual([10_000, 30_000])
  want(1, { bytes: 5000 })
  want(2)
  pass(40)
  expect([take(1), take(2)]).toEqual([5000, 35_000])
})

test('a burst is saved up, and no more than that', () => {
  const { want, pass, take } = ledger()
  want(1, { burst: 500_000, bytes: 1_000_000 })
  expect(take(1)).toBe(500_000)
  pass(60_000)
  want(1, { burst: 500_000, bytes: 1_000_000 })
  expect(take(1)).toBe(500_000)
})

test('less than a packet is worth a message only when more would take too long', () => {
  const { want, pass, take } = ledger()
  want(1, { bytesPerSecond: 1000, bytes: 100 })
  expect(take(1)).toBe(100)
  want(1, { bytesPerSecond: 1000, bytes: 100 })
  pass(25)
  expect(take(1)).toBe(0)
  pass(75)
  expect(take(1)).toBe(100)
})

test('a worker that is gone leaves its share to the others', () => {
  const { made, want, pass, take, later } = ledger()
  want(3)
  want(1)
  want(2)
  made.drop(1)
  pass(20)
  expect([take(1), take(2)]).toEqual([0, 20_000])
  want(2)
  made.drop(2)
  pass(25)
  expect(later).toEqual([])
})

test('what comes together is answered together, and full accounts are forgotten', () => {
  const { made, node } = ledger()
  const wants = ['a', 'b', 'c'].map((key) => ({
    key,
    bytesPerSecond: 1000,
    burst: 0,
    bytes: 10,
    weight: 1,
  }))
  made.receive(1, { type: 'rates.want', wants })
  expect([node.messages, made.size]).toEqual([1, 3])
  node.time += 60_000
  for (let key = 0; key < 100; key++) {
    made.receive(1, {
      type: 'rates.want',
      wants: [{ key: String(key), bytesPerSecond: 1000, burst: 0, bytes: 10, weight: 1 }],
    })
    node.time += 1000
  }
  expect(made.size).toBeLessThan(5)
})
