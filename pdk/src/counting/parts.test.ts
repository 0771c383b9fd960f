import { expect, test } from 'vitest'
import { addToParts, partsAt, returnTime, totalOf } from './parts.ts'

test('what is taken comes back after its time, or up to 1 % later, never before', () => {
  for (const taken of [0, 1, 599, 600, 601, 123_456_789.5]) {
    const back = returnTime(taken, 60_000)
    expect(back).toBeGreaterThanOrEqual(taken + 60_000)
    expect(back).toBeLessThanOrEqual(taken + 60_600)
  }
  expect(returnTime(0.5, 20)).toBe(21)
})

test('additions keep their order by time, whoever comes late', () => {
  let parts = addToParts([], { amount: 2, after: 1000 }, 500)
  parts = addToParts(parts, { amount: 1, after: 1000, at: 300 }, 500)
  parts = addToParts(parts, { amount: 4, after: 1000 }, 495)
  expect(parts).toEqual([
    { until: 1300, amount: 1 },
    { until: 1500, amount: 6 },
  ])
  expect(totalOf(partsAt(parts, 1299))).toBe(7)
  expect(totalOf(partsAt(parts, 1300))).toBe(6)
  expect(addToParts(parts, { amount: 3, after: 1000, at: 0 }, 1000)).toBe(parts)
})

test('what takes away takes what came last, as far as there is any', () => {
  const parts = [
    { until: 10, amount: 3 },
    { until: 20, amount: 2 },
  ]
  const less = (amount: number) => addToParts(parts, { amount, after: 1 }, 0)
  expect(less(-1)).toEqual([
    { until: 10, amount: 3 },
    { until: 20, amount: 1 },
  ])
  expect(less(-3)).toEqual([{ until: 10, amount: 2 }])
  expect(less(-9)).toEqual([])
})
