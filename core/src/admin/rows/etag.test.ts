import fc from 'fast-check'
import { expect, test } from 'vitest'
import { etagOf } from './etag.ts'

test('a tag is strong, and the same for the same values', () => {
  expect(etagOf({ a: 1, b: { c: [1, 2], d: null } })).toMatch(/^"[\w-]{27}"$/)
  expect(etagOf({ b: { d: null, c: [1, 2] }, a: 1 })).toBe(
    etagOf({ a: 1, b: { c: [1, 2], d: null } }),
  )
  expect(etagOf({ a: [1, 2] })).not.toBe(etagOf({ a: [2, 1] }))
  expect(etagOf({ a: '1' })).not.toBe(etagOf({ a: 1 }))
})

test('property: rows have equal tags when they are equal, and only then', () => {
  const row = fc.dictionary(fc.string({ maxLength: 2 }), fc.jsonValue({ maxDepth: 2 }), {
    maxKeys: 4,
  })
  fc.assert(
    fc.property(row, row, (a, b) => {
      const shuffled = Object.fromEntries(Object.entries(a).toReversed())
      expect(etagOf(shuffled)).toBe(etagOf(a))
      const same = JSON.stringify(sorted(a)) === JSON.stringify(sorted(b))
      expect(etagOf(a) === etagOf(b)).toBe(same)
    }),
  )
})

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([name, item]) => [name, sorted(item)] as const)
  return entries.toSorted(([a], [b]) => (a < b ? -1 : 1))
}
