import { expect, test } from 'vitest'
import { ManualClock } from './manual-clock.ts'

test('time stands still, moves on demand, and never goes back', () => {
  const clock = new ManualClock(100)
  expect([clock.now(), clock.now()]).toEqual([100, 100])
  clock.advance(50)
  expect(clock.now()).toBe(150)
  expect(() => clock.advance(-1)).toThrow(RangeError)
  expect(() => clock.advance(Number.NaN)).toThrow(RangeError)
})
