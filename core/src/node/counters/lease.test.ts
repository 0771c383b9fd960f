import { expect, test } from 'vitest'
import { askable, openLease, settle, takeUnused } from './lease.ts'

test('unused permits serve takes of their own limit only', () => {
  const lease = { ...openLease('k', undefined), unused: 1, limit: 5 }
  expect(takeUnused(lease, 4)).toBe(false)
  expect(takeUnused(lease, 5)).toBe(true)
  expect(takeUnused(lease, 5)).toBe(false)
  expect([lease.unused, lease.used]).toEqual([0, 1])
})

test('settles what was asked in order, then what the rest can serve', () => {
  const answers: string[] = []
  const lease = { ...openLease('k', undefined), limit: 5, unused: 3, asked: 2 }
  for (const [i, limit] of [5, 5, 5, 9].entries()) {
    lease.waiting.push({ limit, settle: (admitted) => answers.push(`${i} ${admitted}`) })
  }
  expect(askable(lease)).toBe(3)
  settle(lease, 1)
  expect(answers).toEqual(['0 true', '1 false', '2 true'])
  expect([askable(lease), lease.unused, lease.used]).toEqual([1, 1, 2])
})
