import { expect, test } from 'vitest'
import { CountedNode } from './counted-node.ts'
import { Ledger } from './ledger.ts'
import type { ToWorker } from './messages.ts'

test('leases shrink as the rest shrinks and end before the limit', () => {
  const sent: ToWorker[] = []
  const ledger = new Ledger((_, message) => sent.push(message), { now: () => 0 })
  ledger.join(1)
  ledger.join(2)
  for (let i = 0; i < 12; i++) {
    ledger.receive(1, { type: 'counters.want', key: 'k', limit: 30, wanted: 1 })
  }
  const granted = sent.map((message) =>
    message.type === 'counters.answer' ? message.permits : NaN,
  )
  expect(granted).toEqual([8, 6, 4, 3, 3, 2, 1, 1, 1, 1, 0, 0])
})

test('a lease is bounded, however large the limit', () => {
  const sent: ToWorker[] = []
  const ledger = new Ledger((_, message) => sent.push(message), { now: () => 0 })
  ledger.join(1)
  ledger.receive(1, { type: 'counters.want', key: 'k', limit: 1e9, wanted: 2 })
  expect(sent).toMatchObject([{ permits: 258, refused: 0, passOn: false }])
})

test('unused permits are recalled before anyone is refused', async () => {
  const node = new CountedNode(1, 2)
  expect(await node.take(1, 'k', 20)).toBe(true)
  const answers = []
  for (let i = 0; i < 20; i++) answers.push(await node.take(2, 'k', 20))
  expect(answers.filter(Boolean)).toHaveLength(19)
  expect(answers.at(-1)).toBe(false)
})

test('after a recall a release is known to the supervisor at once', async () => {
  const node = new CountedNode(1, 2)
  for (let i = 0; i < 3; i++) await node.take(1, 'k', 20)
  for (let i = 0; i < 17; i++) expect(await node.take(2, 'k', 20)).toBe(true)
  expect(await node.take(2, 'k', 20)).toBe(false)
  node.counters(1).release('k')
  expect(await node.take(2, 'k', 20)).toBe(true)
  expect(await node.take(2, 'k', 20)).toBe(false)
})

test('a dead worker frees what it held; what it took in a window stays counted', async () => {
  const node = new CountedNode(1, 2)
  for (const until of [undefined, 1000]) await node.take(1, 'k', 1, until)
  node.kill(1)
  await node.drain()
  expect(await node.take(2, 'k', 1)).toBe(true)
  expect(await node.take(2, 'k', 1, 1000)).toBe(false)
  expect(await node.take(2, 'k', 1, 2000)).toBe(true)
})

test('a death during a recall does not hold up those who wait, nor does its number taken again', async () => {
  const node = new CountedNode(1, 2)
  await node.take(1, 'k', 20)
  node.kill(1)
  const answer = node.counters(2).take('k', 20)
  for (let i = 0; i < 19; i++) void node.counters(2).take('k', 20)
  await node.drain()
  expect(await answer).toBe(true)
  node.start(1)
  expect(await node.take(1, 'k', 20)).toBe(false)
  node.counters(2).release('k')
  expect(await node.take(1, 'k', 20)).toBe(true)
})

test('a lowered limit admits no more, a raised one at once', async () => {
  const node = new CountedNode(1, 2)
  for (let i = 0; i < 4; i++) await node.take(1, 'k', 20, 1000)
  expect(await node.take(1, 'k', 4, 1000)).toBe(false)
  expect(await node.take(2, 'k', 4, 1000)).toBe(false)
  expect(await node.take(2, 'k', 3, 1000)).toBe(false)
  expect(node.counters(2).take('k', 4, 1000)).toBe(false)
  expect(await node.take(2, 'k', 5, 1000)).toBe(true)
  expect(await node.take(2, 'k', 5, 1000)).toBe(false)
})

test('a lease under an older limit is counted before another limit decides', async () => {
  const node = new CountedNode(1, 2)
  await node.take(1, 'k', 20)
  for (let i = 0; i < 25; i++) await node.take(2, 'k', 90)
  expect(await node.take(1, 'k', 20)).toBe(false)
})

test('a lease ends the refusals of others, since it may shrink unnoticed', async () => {
  const node = new CountedNode(1, 2)
  for (let i = 0; i < 5; i++) await node.take(1, 'k', 5, 1000)
  expect(await node.take(2, 'k', 5, 1000)).toBe(false)
  await node.take(1, 'k', 90, 1000)
  for (let i = 0; i < 3; i++) node.counters(1).release('k')
  expect(await node.take(2, 'k', 5, 1000)).toBe(true)
})

test('a refusal under a larger limit outlives one under a smaller', async () => {
  const node = new CountedNode(1, 2)
  expect(await node.take(1, 'k', 1, 1000)).toBe(true)
  expect(await node.take(1, 'k', 2, 1000)).toBe(true)
  const both = [node.counters(2).take('k', 2, 1000), node.counters(2).take('k', 1, 1000)]
  await node.drain()
  expect([await both[0], await both[1]]).toEqual([false, false])
  expect(node.counters(2).take('k', 2, 1000)).toBe(false)
})

test('a late take counts in its window, or is refused when the window was forgotten', async () => {
  const node = new CountedNode(1, 2)
  expect(await node.take(1, 'k', 1, 1000)).toBe(true)
  node.time = 1500
  expect(await node.take(2, 'k', 1, 1000)).toBe(false)
  node.time = 9000
  expect(await node.take(2, 'other', 1, 10_000)).toBe(true)
  expect(await node.take(2, 'k', 1, 1000)).toBe(false)
})

test('a key is forgotten when nothing of it is taken or its window is over', async () => {
  const node = new CountedNode(1, 2)
  await node.take(1, 'k', 3)
  expect(node.ledger.size).toBe(1)
  node.counters(1).release('k')
  await node.drain()
  expect(node.ledger.size).toBe(0)
  for (let i = 0; i < 3000; i++) {
    node.time = i * 10
    await node.take(1, `ip ${i}`, 5, node.time + 10)
  }
  // A window lasts 10 ms here and its late takes 1 s more: about a hundred keys are alive.
  expect(node.ledger.size).toBeLessThan(250)
  expect(node.counters(1).size).toBeLessThan(250)
})

test('messages of a worker that never joined or is gone are ignored', () => {
  const sent: ToWorker[] = []
  const ledger = new Ledger((_, message) => sent.push(message), { now: () => 0 })
  ledger.receive(7, { type: 'counters.want', key: 'k', limit: 1, wanted: 1 })
  ledger.drop(7)
  expect([sent, ledger.size]).toEqual([[], 0])
})

const window = (amount: number) => [{ until: 1000, amount }]

test('what others took leaves so much less, for every worker; what was told is not counted twice', async () => {
  const node = new CountedNode(1, 2)
  const take = (worker: number) => node.take(worker, 'k', 10, 1000)
  for (let i = 0; i < 4; i++) expect(await take(1)).toBe(true)
  node.counters(1).learn('k', 1000, { told: window(4), heard: window(7) })
  await node.drain()
  for (let i = 0; i < 3; i++) expect(await take(2)).toBe(true)
  expect([await take(1), await take(2)]).toEqual([false, false])
  // Worker 1 had heard of what worker 2 took before that one said so itself.
  node.counters(2).learn('k', 1000, { told: window(3), heard: window(9) })
  await node.drain()
  expect([await take(1), await take(2), await take(1)]).toEqual([true, false, false])
})

test.each([1, 2])(
  'a lease for which others leave no room is not used: worker %i learns',
  async (worker) => {
    const node = new CountedNode(1, 2)
    expect(await node.take(1, 'k', 40, 1000)).toBe(true)
    if (worker === 1) {
      node.counters(1).learn('k', 1000, { told: window(1), heard: window(40) })
      expect(await node.take(1, 'k', 40, 1000)).toBe(false)
    }
    node.counters(worker).learn('k', 1000, { told: [], heard: window(39) })
    await node.drain()
    expect([await node.take(1, 'k', 40, 1000), await node.take(2, 'k', 40, 1000)]).toEqual([
      false,
      false,
    ])
  },
)

test('others are in windows that slide and in buckets, too, and a window that is past learns nothing', async () => {
  const node = new CountedNode(1, 2)
  node.counters(1).learn('s', { after: 500 }, { told: [], heard: [{ until: 800, amount: 2 }] })
  node.counters(1).learn('b', { every: 100 }, { told: [], heard: [{ until: 180, amount: 0 }] })
  await node.drain()
  const take = (key: string, returns: { after: number } | { every: number }) =>
    node.take(2, key, 2, returns)
  const both = async () => [await take('s', { after: 500 }), await take('b', { every: 100 })]
  expect(await both()).toEqual([false, false])
  node.time = 80
  expect(await both()).toEqual([false, true])
  node.time = 800
  expect(await both()).toEqual([true, true])
  node.time = 5000
  node.counters(1).learn('k', 1000, { told: [], heard: window(2) })
  await node.drain()
  expect(await node.take(1, 'k', 2, 6000)).toBe(true)
})
