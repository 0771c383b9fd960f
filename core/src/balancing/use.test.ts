import { expect, test } from 'vitest'
import { peersOf } from './pools.fixture.ts'
import { Use } from './use.ts'

function begin() {
  const [peer] = peersOf(100)
  const told: string[] = []
  const late: (() => void)[] = []
  const use = new Use(
    peer!,
    {
      moved: ({ own }) => void told.push(`has ${own}`),
      tried: (_, outcome) => void told.push(outcome),
      settle: (call) => void late.push(call),
      now: () => 1000,
    },
    () => undefined,
  )
  return { peer: peer!, use, told, settle: () => late.forEach((call) => call()) }
}

test('a connection counts from its begin to its end, and is a success when it ends well', () => {
  const { peer, use, told, settle } = begin()
  expect([peer.own, peer.connecting]).toEqual([1, 1])
  use.connected(5)
  expect([peer.own, peer.connecting, peer.evictions.size, peer.cost(1000)]).toEqual([1, 0, 1, 5])
  use.end()
  use.end()
  settle()
  expect(told).toEqual(['has 1', 'success', 'has 0'])
  expect([peer.own, peer.evictions.size]).toEqual([0, 0])
})

test('one that lives on is a success after a while, told once', () => {
  const { use, told, settle } = begin()
  use.connected(5)
  settle()
  use.end()
  expect(told).toEqual(['has 1', 'success', 'has 0'])
})

test('a reset is no success, not even when it comes late', () => {
  const early = begin()
  early.use.connected(5)
  early.use.reset()
  early.use.end()
  early.settle()
  expect(early.told).toEqual(['has 1', 'reset', 'has 0'])
  const late = begin()
  late.use.connected(5)
  late.settle()
  late.use.reset()
  late.use.end()
  expect(late.told).toEqual(['has 1', 'success', 'reset', 'has 0'])
})

test('a failure ends the use, and weighs a second at least; one that is nobody’s fault is not told', () => {
  const failed = begin()
  failed.use.failed('tcp_failure', 1)
  failed.use.end()
  expect(failed.told).toEqual(['has 1', 'tcp_failure', 'has 0'])
  expect([failed.peer.own, failed.peer.connecting, failed.peer.cost(1000)]).toEqual([0, 0, 1000])
  const given = begin()
  given.use.failed(undefined, 1)
  expect(given.told).toEqual(['has 1', 'has 0'])
  expect(given.peer.cost(1000)).toBe(0)
})
