import { expect, test } from 'vitest'
import { complainOfFieldPath, parseFieldPath, putField } from './put-field.ts'

test.each([
  ['a', ['a']],
  ['a.b.c', ['a', 'b', 'c']],
  [String.raw`a\.b.c`, ['a.b', 'c']],
  ['', ['']],
])('%j leads along %j', (name, path) => {
  expect(parseFieldPath(name)).toEqual(path)
})

test.each<[string, unknown, object]>([
  ['b', 1, { a: { x: 1 }, b: 1 }],
  ['a', 1, { a: 1 }],
  ['a.x', 2, { a: { x: 2 } }],
  ['a.y.z', 2, { a: { x: 1, y: { z: 2 } } }],
  ['a.x', undefined, { a: {} }],
  ['b.c', undefined, { a: { x: 1 } }],
  ['a', undefined, {}],
])('%s becomes %j', (name, value, expected) => {
  const record = { a: { x: 1 } }
  putField(record, parseFieldPath(name), value)
  expect(record).toEqual(expected)
})

test('what the record holds is shared, and stays as it was', () => {
  const route = { name: 'plain', deep: { x: 1 } }
  const record = { route }
  putField(record, ['route', 'deep', 'x'], 2)
  expect(record).toEqual({ route: { name: 'plain', deep: { x: 2 } } })
  expect(route).toEqual({ name: 'plain', deep: { x: 1 } })
})

test('a way through what is no object has no end', () => {
  expect(() => putField({ a: 1 }, ['a', 'b'], 2)).toThrow("'a' is not an object")
  expect(() => putField({ a: [1] }, ['a', '0'], 2)).toThrow("'a' is not an object")
})

test('no name reaches a prototype', () => {
  const record: Record<string, unknown> = {}
  putField(record, ['__proto__', 'polluted'], true)
  putField(record, ['constructor', 'prototype', 'polluted'], true)
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  expect(Object.keys(record)).toEqual(['__proto__', 'constructor'])
})

test.each([
  ['a', undefined],
  [String.raw`a\.b.c`, undefined],
  ['x'.repeat(200), undefined],
  ['x'.repeat(201), 'the name xxxxxxxxxxxxxxxxxxxx... is longer than 200 characters'],
  [Array.from({ length: 16 }, () => 'a').join('.'), undefined],
  [Array.from({ length: 17 }, () => 'a').join('.'), / leads through more than 16 objects$/],
  ['', "the name '' has an empty part"],
  ['a..b', "the name 'a..b' has an empty part"],
])('of the name %j is said %j', (name, complaint) => {
  if (complaint === undefined) expect(complainOfFieldPath(name)).toBeUndefined()
  else expect(complainOfFieldPath(name)).toMatch(complaint)
})
