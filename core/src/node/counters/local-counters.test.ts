import { expect, test } from 'vitest'
import { LocalCounters } from './local-counters.ts'

function make() {
  const clock = { time: 0, now: () => clock.time }
  return { clock, counters: new LocalCounters(clock) }
}

test('admits up to the limit and again after a release', () => {
  const { counters } = make()
  expect([1, 2, 3].map(() => counters.take('k', 2))).toEqual([true, true, false])
  counters.release('k')
  expect([1, 2].map(() => counters.take('k', 2))).toEqual([true, false])
  expect(counters.take('k', 3)).toBe(true)
  expect(counters.take('k', 1)).toBe(false)
  expect(counters.take('none', 0)).toBe(false)
})

test('a window begins empty; a late take counts in its own', () => {
  const { clock, counters } = make()
  expect(counters.take('k', 1, 1000)).toBe(true)
  clock.time = 1000
  expect(counters.take('k', 1, 1000)).toBe(false)
  expect(counters.take('k', 1, 2000)).toBe(true)
  counters.release('k')
  expect(counters.take('k', 1, 2000)).toBe(true)
  clock.time = 60_000
  counters.take('other', 1, 61_000)
  expect(counters.take('k', 1, 1000)).toBe(false)
})

test('forgets what is released and windows that are over', () => {
  const { clock, counters } = make()
  counters.take('k', 1)
  counters.release('k')
  counters.release('k')
  expect(counters.size).toBe(0)
  for (let i = 0; i < 20_000; i++) {
    clock.time = i
    counters.take(`ip ${i}`, 5, i + 1)
  }
  // Every window lasts 1 ms here and its late takes 1 s more: about a thousand are alive.
  expect(counters.size).toBeLessThan(2100)
})

test.each([{ every: 10 }, { after: 10 }])('permits that come back by themselves: %j', (returns) => {
  const { clock, counters } = make()
  const take = () => counters.take('k', 2, returns)
  expect([take(), take(), take(), counters.take('none', 0, returns)]).toEqual([
    true,
    true,
    false,
    false,
  ])
  counters.release('k')
  expect([take(), take()]).toEqual([true, false])
  clock.time = 20
  expect([take(), take(), take()]).toEqual([true, true, false])
  clock.time = 40
  counters.take('other', 1, 50)
  counters.take('another', 1, 50)
  expect(counters.size).toBe(2)
})

test('what others took is counted until it comes back', () => {
  const { clock, counters } = make()
  const take = (until: Parameters<typeof counters.take>[2]) => counters.take('k', 3, until)
  expect(take(1000)).toBe(true)
  const heard = [{ until: 1000, amount: 2 }]
  counters.learn('k', 1000, { told: [{ until: 1000, amount: 1 }], heard })
  expect([take(1000), take(1000)]).toEqual([true, false])
  counters.release('k')
  expect([take(1000), take(1000)]).toEqual([true, false])
  clock.time = 1000
  expect(take(2000)).toBe(true)
})

test.each([{ after: 1000 }, { every: 500 }])('others are in %j, too', (returns) => {
  const { clock, counters } = make()
  counters.learn('k', returns, { told: [], heard: [{ until: 1000, amount: 2 }] })
  expect(counters.take('k', 2, returns)).toBe(false)
  clock.time = 1000
  expect([1, 2, 3].map(() => counters.take('k', 2, returns))).toEqual([true, true, false])
})
