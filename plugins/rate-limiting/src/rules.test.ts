import { expect, test } from 'vitest'
import { examineBurst, rulesOf } from './rules.ts'

test('fixed windows follow the calendar, and remember the last one', () => {
  const [rule] = rulesOf({ algorithm: 'fixed-window', month: 3 })
  if (rule?.returns !== undefined) throw new Error('it is no fixed window')
  const now = Date.UTC(2028, 1, 29, 23, 59)
  const span = rule?.windowAt(now)
  const [start, end] = [Date.UTC(2028, 1), Date.UTC(2028, 2)]
  expect(span).toEqual({ start, end, name: `:${start}:month` })
  expect(rule?.windowAt(now + 1)).toBe(span)
  expect(rule?.windowAt(Date.UTC(2028, 2))).toMatchObject({ end: Date.UTC(2028, 3) })
  expect(rule?.windowAt(now)).toEqual(span)
})

test('sliding windows give back each permit in its time', () => {
  expect(rulesOf({ algorithm: 'sliding-window', minute: 2, second: 1 })).toEqual([
    { limit: 1, returns: { after: 1000 }, name: ':sliding:second' },
    { limit: 2, returns: { after: 60_000 }, name: ':sliding:minute' },
  ])
})

test('a bucket fills evenly; the burst is the size of the one of the shortest period', () => {
  const limits = { second: 4, minute: 60 }
  const pace = [{ returns: { every: 250 } }, { returns: { every: 1000 } }]
  expect(rulesOf({ algorithm: 'token-bucket', ...limits, burst: 9 })).toMatchObject([
    { ...pace[0], limit: 9 },
    { ...pace[1], limit: 60 },
  ])
  expect(rulesOf({ algorithm: 'token-bucket', ...limits })).toMatchObject([
    { limit: 4 },
    { limit: 60 },
  ])
})

test('only a bucket has a burst', () => {
  expect(examineBurst({ algorithm: 'token-bucket', burst: 5 })).toBeUndefined()
  expect(examineBurst({ algorithm: 'sliding-window', burst: 5 })).toMatch(/^config.burst is only/)
})
