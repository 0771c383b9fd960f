import { expect, test } from 'vitest'
import { GoldenWalk } from './golden-walk.ts'

test('however uneven the weights are, nobody is off by more than a few turns', () => {
  const weights = [65_535, 1, 30_000, 7, 60_001, 1009]
  const walk = new GoldenWalk(weights, 0.25)
  const total = weights.reduce((sum, weight) => sum + weight)
  const counts = weights.map(() => 0)
  for (let turn = 1; turn <= 50_000; turn++) {
    const index = walk.next()
    counts[index] = (counts[index] ?? 0) + 1
    if (turn % 5000 !== 0) continue
    for (const [at, weight] of weights.entries()) {
      expect(Math.abs((counts[at] ?? 0) - (turn * weight) / total)).toBeLessThan(6)
    }
  }
})

test('a walk begins where it is told, and stays among its indexes', () => {
  const walk = new GoldenWalk([1, 1, 1], 0.99)
  const seen = new Set(Array.from({ length: 100 }, () => walk.next()))
  expect([...seen].toSorted((a, b) => a - b)).toEqual([0, 1, 2])
})
