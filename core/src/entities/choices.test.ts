import { expect, test } from 'vitest'
import type { Check } from './definition.ts'
import type { Fields } from './fields.ts'
import { atLeastOne, atMostOne, distinct, whenEqual } from './choices.ts'
import { world } from './plan.fixture.ts'

const ask = (check: Check, row: Fields) => check.fault(row, world())

test('at least one', () => {
  const check = atLeastOne('a', 'b')
  expect(ask(check, { a: null, b: 0 })).toBeUndefined()
  expect(ask(check, { a: null, b: null })).toEqual({
    '@entity': ["at least one of these fields must be non-empty: 'a', 'b'"],
  })
  expect(check.rule).toEqual({ at_least_one_of: ['a', 'b'] })
})

test('at most one', () => {
  const check = atMostOne('a', 'b')
  expect(ask(check, { a: null, b: null })).toBeUndefined()
  expect(ask(check, { a: 1, b: null })).toBeUndefined()
  expect(ask(check, { a: 1, b: false })).toEqual({
    '@entity': ["only one or none of these fields must be set: 'a', 'b'"],
  })
})

test('distinct where they are set', () => {
  const check = distinct('a', 'b')
  expect(ask(check, { a: null, b: null })).toBeUndefined()
  expect(ask(check, { a: 'x', b: 'y' })).toBeUndefined()
  expect(ask(check, { a: 'x', b: 'x' })).toEqual({
    '@entity': ["values of these fields must be distinct: 'a', 'b'"],
  })
})

test('a condition holds for its value only, and its rule says it as Kong does', () => {
  const check = whenEqual('a', 'x', 'b', { one_of: ['y', 'z'] })
  expect(ask(check, { a: 'w', b: 'v' })).toBeUndefined()
  expect(ask(check, { a: 'x', b: 'z' })).toBeUndefined()
  expect(ask(check, { a: 'x', b: null })).toBeUndefined()
  expect(ask(check, { a: 'x', b: 'v' })).toEqual({
    b: 'expected one of: y, z',
    '@entity': ["failed conditional validation given value of field 'a'"],
  })
  expect(check.rule).toEqual({
    conditional: {
      if_field: 'a',
      if_match: { eq: 'x' },
      then_field: 'b',
      then_match: { one_of: ['y', 'z'] },
    },
  })
  const needing = whenEqual('a', 'x', 'b', { required: true })
  expect(ask(needing, { a: 'x', b: null })).toMatchObject({ b: 'required field missing' })
  expect(ask(needing, { a: 'x', b: 'v' })).toBeUndefined()
})
