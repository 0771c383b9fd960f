import { expect, test } from 'vitest'
import { AliasTable } from './alias-table.ts'

test('evenly distributed numbers draw exactly the weights', () => {
  const weights = [1, 2, 3, 4, 90]
  const table = new AliasTable(weights)
  const draws = 100_000
  const counts = weights.map(() => 0)
  for (let draw = 0; draw < draws; draw++) {
    const index = table.draw((draw + 0.5) / draws)
    counts[index] = (counts[index] ?? 0) + 1
  }
  for (const [index, weight] of weights.entries()) {
    expect(Math.abs((counts[index] ?? 0) - (weight / 100) * draws)).toBeLessThanOrEqual(5)
  }
})

test('one weight is drawn always', () => {
  const table = new AliasTable([3])
  expect([table.draw(0), table.draw(0.999999)]).toEqual([0, 0])
})
