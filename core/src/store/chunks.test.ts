import fc from 'fast-check'
import { expect, test } from 'vitest'
import { chunks, places } from './chunks.ts'

test('the pieces are the whole, in order, and of few sizes', () => {
  fc.assert(
    fc.property(fc.nat(2000), (length) => {
      const items = Array.from({ length }, (_, i) => i)
      const pieces = chunks(items)
      expect(pieces.flat()).toEqual(items)
      const sizes = new Set(pieces.map((piece) => piece.length))
      expect([...sizes].filter((size) => ![256, 64, 16, 4, 1].includes(size))).toEqual([])
    }),
    { numRuns: 50 },
  )
})

test('places count on from row to row', () => {
  expect(places(2, 3)).toBe('($1, $2, $3), ($4, $5, $6)')
})
