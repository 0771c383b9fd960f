import { expect, test } from 'vitest'
import { patienceOf } from './patience.ts'
import { rulesOf } from './rules.ts'

test.each([
  ['fixed-window', { second: 5 }, 1_000_900, 100],
  ['fixed-window', { second: 5 }, 1_000_999, 5],
  ['fixed-window', { day: 5 }, 1_000_000, 250],
  ['token-bucket', { second: 50 }, 0, 20],
  ['token-bucket', { hour: 1 }, 0, 250],
  ['sliding-window', { second: 5, minute: 9 }, 0, 10],
] as const)('%s %j at %d: %d ms', (algorithm, limits, now, expected) => {
  expect(patienceOf(rulesOf({ algorithm, ...limits }), now)).toBe(expected)
})
