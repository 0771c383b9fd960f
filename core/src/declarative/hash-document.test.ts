import { expect, test } from 'vitest'
import { emptyHash, hashDocument } from './hash-document.ts'

test('a text is hashed as it came', () => {
  expect(hashDocument('abc')).toBe('900150983cd24fb0d6963f7d28e17f72')
  expect(hashDocument('abc\n')).not.toBe(hashDocument('abc'))
  expect(emptyHash).toMatch(/^0{32}$/)
})

test('of an object the order of its keys does not count, that of its lists does', () => {
  const one = { a: [{ x: 1, y: 2 }], b: null }
  expect(hashDocument(one)).toBe(hashDocument({ b: null, a: [{ y: 2, x: 1 }] }))
  expect(hashDocument({ a: [1, 2] })).not.toBe(hashDocument({ a: [2, 1] }))
})
