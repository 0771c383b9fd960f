import { expect, test } from 'vitest'
import { addError, listErrors } from './field-errors.ts'
import type { FieldErrors } from './field-errors.ts'

test('errors nest as fields do, and the first one of a field stays', () => {
  const errors: FieldErrors = {}
  addError(errors, ['allow', '1'], 'first')
  addError(errors, ['allow', '1'], 'second')
  addError(errors, ['name'], 'third')
  addError(errors, ['name', 'inner'], 'too deep')
  addError(errors, [], 'whole')
  addError(errors, ['nested', '@entity'], 'part')
  addError(errors, ['nested', '@entity'], 'another')
  expect(errors).toEqual({
    allow: { 1: 'first' },
    name: 'third',
    '@entity': ['whole'],
    nested: { '@entity': ['part', 'another'] },
  })
  expect(listErrors(errors)).toEqual([
    'whole',
    'allow.1: first',
    'name: third',
    'nested.part',
    'nested.another',
  ])
})

test('no key reaches a prototype', () => {
  const errors: FieldErrors = {}
  addError(errors, ['__proto__', 'polluted'], 'yes')
  addError(errors, ['toString'], 'unknown field')
  expect(Object.getPrototypeOf(errors)).toBe(Object.prototype)
  expect(JSON.stringify(errors)).toBe('{"__proto__":{"polluted":"yes"},"toString":"unknown field"}')
})
