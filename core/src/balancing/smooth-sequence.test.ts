import { expect, test } from 'vitest'
import { smoothSequence } from './smooth-sequence.ts'

test.each([
  [[7], '0'],
  [[5, 5, 5], '012'],
  [[100, 50], '001'],
  [[5, 1, 1], '0020010'],
])('%j take turns as %s', (weights, turns) => {
  expect(smoothSequence(weights)?.join('')).toBe(turns)
})

test('in a round each has exactly its share, and half a round is about half of it', () => {
  const weights = [1, 2, 3, 5, 8, 13, 21, 34, 1000]
  const sequence = smoothSequence(weights) ?? expect.fail('it is short enough')
  const total = weights.reduce((sum, weight) => sum + weight)
  const counts = (turns: Uint32Array) =>
    weights.map((_, index) => turns.filter((each) => each === index).length)
  expect(counts(sequence)).toEqual(weights)
  for (const [index, count] of counts(sequence.subarray(0, total / 2)).entries()) {
    expect(Math.abs(count - (weights[index] ?? 0) / 2)).toBeLessThanOrEqual(1)
  }
})

test('a round that is too long is not written down', () => {
  expect(smoothSequence([65_535, 1])).toHaveLength(65_536)
  expect(smoothSequence([65_535, 2])).toBeUndefined()
  expect(smoothSequence([65_535, 65_535])).toHaveLength(2)
})
