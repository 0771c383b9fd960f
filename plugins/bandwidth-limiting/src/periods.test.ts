import { expect, test } from 'vitest'
import { checkQuota, windowsAt } from './periods.ts'

test('windows stand on UTC boundaries, the month on the calendar’s', () => {
  const now = Date.UTC(2026, 11, 31, 23, 59, 59, 999)
  const end = Date.UTC(2027, 0, 1)
  expect(windowsAt(now, { month: 3, hour: 1, day: 2 })).toEqual([
    { period: 'hour', limit: 1, name: `hour:${Date.UTC(2026, 11, 31, 23)}`, end },
    { period: 'day', limit: 2, name: `day:${Date.UTC(2026, 11, 31)}`, end },
    { period: 'month', limit: 3, name: `month:${Date.UTC(2026, 11)}`, end },
  ])
  const [next] = windowsAt(end, { month: 3 })
  expect(next).toMatchObject({ name: `month:${end}`, end: Date.UTC(2027, 1, 1) })
})

test.each([
  [{ hour: 5, day: 5, month: 5 }, undefined],
  [{ month: 1 }, undefined],
  [{ hour: 5, day: 4 }, 'config.quota.day cannot be lower than config.quota.hour'],
  [{ hour: 5, month: 4 }, 'config.quota.month cannot be lower than config.quota.hour'],
])('%j: %s', (limits, complaint) => {
  expect(checkQuota(limits)).toBe(complaint)
})
