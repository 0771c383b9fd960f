import fc from 'fast-check'
import { expect, test } from 'vitest'
import { warmShare } from './warm-share.ts'

const sharesOf = (whole: number, workers: number, addresses: number): number[][] =>
  Array.from({ length: workers }, (_, worker) =>
    Array.from({ length: addresses }, (__, address) => {
      return warmShare(whole, { index: worker, of: workers }, { index: address, of: addresses })
    }),
  )

const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0)

test('workers and addresses share evenly', () => {
  expect(sharesOf(2, 2, 2)).toEqual([
    [1, 0],
    [0, 1],
  ])
  expect(sharesOf(5, 2, 1)).toEqual([[3], [2]])
  expect(sharesOf(1, 4, 1)).toEqual([[1], [0], [0], [0]])
  expect(sharesOf(0, 2, 3).flat()).toEqual([0, 0, 0, 0, 0, 0])
})

test('all shares together are the whole, and no worker has much more than another', () => {
  const few = fc.integer({ min: 1, max: 9 })
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1000 }), few, few, (whole, workers, addresses) => {
      const shares = sharesOf(whole, workers, addresses)
      const ofWorkers = shares.map(sum)
      expect(sum(ofWorkers)).toBe(whole)
      expect(Math.max(...ofWorkers) - Math.min(...ofWorkers)).toBeLessThanOrEqual(1)
      for (const share of shares) {
        expect(Math.max(...share) - Math.min(...share)).toBeLessThanOrEqual(1)
      }
    }),
  )
})
