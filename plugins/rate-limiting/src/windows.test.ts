import { expect, test } from 'vitest'
import { examineLimits, windowAt, windowsOf } from './windows.ts'

test('windows stand on UTC boundaries', () => {
  const now = Date.UTC(2026, 4, 17, 13, 45, 30, 250)
  expect(windowAt('second', now)).toEqual({
    start: Date.UTC(2026, 4, 17, 13, 45, 30),
    end: Date.UTC(2026, 4, 17, 13, 45, 31),
  })
  expect(windowAt('minute', now)).toMatchObject({ start: Date.UTC(2026, 4, 17, 13, 45) })
  expect(windowAt('hour', now)).toMatchObject({ start: Date.UTC(2026, 4, 17, 13) })
  expect(windowAt('day', now)).toMatchObject({ end: Date.UTC(2026, 4, 18) })
})

test('the end of a window belongs to the next one', () => {
  const { end } = windowAt('minute', 0)
  expect(windowAt('minute', end - 1).start).toBe(0)
  expect(windowAt('minute', end).start).toBe(end)
})

test('windows come shortest first', () => {
  expect(windowsOf({ day: 9, second: 1 }).map(({ period }) => period)).toEqual(['second', 'day'])
})

test.each([
  [
    { second: 10, minute: 5 },
    'The limit for minute(5.0) cannot be lower than the limit for second(10.0)',
  ],
  [
    { second: 1, day: 7, hour: 8 },
    'The limit for day(7.0) cannot be lower than the limit for hour(8.0)',
  ],
  [{ second: 5, minute: 5 }, undefined],
  [{ hour: 1 }, undefined],
])('%j: %s', (limits, complaint) => {
  expect(examineLimits(limits)).toBe(complaint)
})
