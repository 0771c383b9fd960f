import { expect, test } from 'vitest'
import { EntityError, schemaViolation } from './entity-error.ts'
import { printTable } from './print-table.ts'

test('the body of an error is what Kong answers', () => {
  expect(new EntityError(5, 'm', { name: 'x' }).body()).toEqual({
    code: 5,
    name: 'unique constraint violation',
    message: 'm',
    fields: { name: 'x' },
  })
  expect(new EntityError(11, 'm', { tags: 'x' }).body()).toMatchObject({ options: { tags: 'x' } })
  expect(new EntityError(9, 'm').body()).toEqual({ code: 9, name: 'invalid size', message: 'm' })
  expect(new EntityError(12, 'm').status).toBe(405)
})

test('nested faults are named by their path', () => {
  const error = schemaViolation({
    b: { 2: 'two', '@entity': ['whole b'] },
    a: 'one',
    '@entity': ['first', 'second'],
  })
  expect(error.message).toBe('5 schema violations (first; second; a: one; b: whole b; b.2: two)')
  expect(schemaViolation({ a: 'x' }).message).toBe('schema violation (a: x)')
})

test('keys are printed as tables', () => {
  expect(printTable({ b: { id: 'x' }, a: null, c: 1 })).toBe('{a=null,b={id="x"},c=1}')
})
