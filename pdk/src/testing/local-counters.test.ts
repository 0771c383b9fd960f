import { expect, test } from 'vitest'
import { LocalCounters } from './local-counters.ts'
import { ManualClock } from './manual-clock.ts'

test('gives as many permits as there are, and those that come back', () => {
  const counters = new LocalCounters(new ManualClock(0))
  expect([1, 2, 3].map(() => counters.take('a', 2))).toEqual([true, true, false])
  counters.release('a')
  expect(counters.taken('a')).toBe(1)
  expect(counters.take('a', 2)).toBe(true)
  expect(counters.take('b', 2)).toBe(true)
})

test('at its time a key is free again, and a late release changes nothing', () => {
  const clock = new ManualClock(0)
  const counters = new LocalCounters(clock)
  expect(counters.take('a', 1, 1000)).toBe(true)
  clock.advance(999)
  expect(counters.take('a', 1, 1000)).toBe(false)
  clock.advance(1)
  counters.release('a')
  expect(counters.keys()).toEqual([])
  expect(counters.take('a', 1, 2000)).toBe(true)
})

test('a release without a permit gives nothing away', () => {
  const counters = new LocalCounters(new ManualClock(0))
  counters.release('a')
  expect([1, 2].map(() => counters.take('a', 1))).toEqual([true, false])
})

test.each([{ every: 10 }, { after: 10 }])('permits come back by themselves: %j', (returns) => {
  const clock = new ManualClock(0)
  const counters = new LocalCounters(clock)
  expect([1, 2, 3].map(() => counters.take('a', 2, returns))).toEqual([true, true, false])
  counters.release('a')
  expect(counters.taken('a')).toBe(1)
  clock.advance(10)
  expect([counters.taken('a'), counters.keys()]).toEqual([0, []])
  expect([1, 2, 3].map(() => counters.take('a', 2, returns))).toEqual([true, true, false])
})

test('what others took is counted until it comes back', () => {
  const clock = new ManualClock(0)
  const counters = new LocalCounters(clock)
  const take = (until: Parameters<typeof counters.take>[2]) => counters.take('k', 3, until)
  expect(take(1000)).toBe(true)
  const heard = [{ until: 1000, amount: 2 }]
  counters.learn('k', 1000, { told: [{ until: 1000, amount: 1 }], heard })
  expect([take(1000), take(1000)]).toEqual([true, false])
  counters.release('k')
  expect([take(1000), take(1000)]).toEqual([true, false])
  clock.advance(1000 - clock.now())
  expect(take(2000)).toBe(true)
})

test.each([{ after: 1000 }, { every: 500 }])('others are in %j, too', (returns) => {
  const clock = new ManualClock(0)
  const counters = new LocalCounters(clock)
  counters.learn('k', returns, { told: [], heard: [{ until: 1000, amount: 2 }] })
  expect(counters.take('k', 2, returns)).toBe(false)
  clock.advance(1000 - clock.now())
  expect([1, 2, 3].map(() => counters.take('k', 2, returns))).toEqual([true, true, false])
})
