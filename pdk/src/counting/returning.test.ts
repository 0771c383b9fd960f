import { expect, test } from 'vitest'
import type { Returns } from '../kit.ts'
import { openReturning } from './returning.ts'

/** Takes whenever there is one, once every millisecond; answers when. */
function takeGreedily(returns: Returns, limit: number, until: number): number[] {
  const permits = openReturning(returns)
  const taken: number[] = []
  for (let now = 1_000_000; now < 1_000_000 + until; now++) {
    for (; permits.out(now) < limit; permits.take(now)) taken.push(now - 1_000_000)
  }
  return taken
}

test('one by one: all at once, then one for each that has come back', () => {
  expect(takeGreedily({ every: 10 }, 3, 41)).toEqual([0, 0, 0, 10, 20, 30, 40])
})

test.each([3, 7, 1.5, 0.3])('one by one, every %d ms: none is lost by rounding', (every) => {
  const span = 30_000
  const taken = takeGreedily({ every }, 8, span)
  expect(taken.length - 8).toBe(Math.floor((span - 1) / every + 1e-6))
})

test.each([1, 33.3, 1000 / 30, 1000 / 7])(
  'one by one, every %d ms: the next return is told to the millisecond',
  (every) => {
    const permits = openReturning({ every })
    for (let taken = 0; taken < 60; taken++) permits.take(1000)
    for (let now = 1000, out = 60; out > 0; out = permits.out(now)) {
      now = Math.max(now, Math.ceil(permits.next(now)))
      expect([permits.out(now - 1), permits.out(now)]).toEqual([out, out - 1])
    }
  },
)

test.each([50, 100, 1000, 1777])(
  'each in %d ms: never more within the time, and a hundredth later at most',
  (after) => {
    const limit = 7
    const taken = takeGreedily({ after }, limit, 20 * after)
    taken.forEach((at, index) => {
      const before = taken[index - limit]
      if (before === undefined) return
      expect(at - before).toBeGreaterThanOrEqual(after)
      expect(at - before).toBeLessThanOrEqual(after + Math.max(1, Math.ceil(after / 100)))
    })
    expect(taken.length).toBeGreaterThanOrEqual(limit * Math.floor(20 / 1.02))
  },
)

test.each<Returns>([{ every: 10 }, { after: 10 }])(
  '%j: what was not needed is back at once, and the next return is known',
  (returns) => {
    const permits = openReturning(returns)
    expect(permits.out(100)).toBe(0)
    permits.take(100)
    expect([permits.out(100), permits.next(100)]).toEqual([1, 110])
    permits.take(104)
    expect(permits.out(104)).toBe(2)
    permits.undo()
    expect([permits.out(104), permits.next(104)]).toEqual([1, 110])
    permits.undo()
    permits.take(104)
    expect([permits.out(113), permits.out(114)]).toEqual([1, 0])
  },
)

test('a window that slides keeps no more than a hundred groups, however much it counts', () => {
  const permits = openReturning({ after: 1000 })
  for (let now = 0; now < 5000; now++) permits.take(now)
  expect(permits.out(5000)).toBeLessThanOrEqual(1010)
  expect(permits.out(5000)).toBeGreaterThanOrEqual(1000 - 10)
})
