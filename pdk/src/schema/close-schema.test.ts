import { expect, test } from 'vitest'
import { chosenField, closeSchema } from './close-schema.ts'

test('closes every object that lists its properties, wherever it stands', () => {
  const inner = { type: 'object', properties: { a: { type: 'string' } } } as const
  const closed = { ...inner, additionalProperties: false }
  expect(
    closeSchema({
      type: 'object',
      properties: {
        record: inner,
        list: { type: 'array', items: inner },
        map: { type: 'object', additionalProperties: inner },
        either: { oneOf: [inner, { type: 'string' }] },
      },
    }),
  ).toEqual({
    type: 'object',
    additionalProperties: false,
    properties: {
      record: closed,
      list: { type: 'array', items: closed },
      map: { type: 'object', additionalProperties: closed },
      either: { oneOf: [closed, { type: 'string' }] },
    },
  })
})

test('leaves alone what is stated, what refines, and its input', () => {
  const schema = {
    type: 'object',
    properties: { a: { type: 'string' } },
    additionalProperties: true,
    allOf: [{ properties: { a: { minLength: 1 } } }],
  } as const
  const before = structuredClone(schema)
  expect(closeSchema(schema)).toEqual(before)
  expect(schema).toEqual(before)
})

test('a branch that only requires a field is a choice of it', () => {
  expect(chosenField({ required: ['a'] })).toBe('a')
  expect(chosenField({ required: ['a', 'b'] })).toBeUndefined()
  expect(chosenField({ required: ['a'], properties: {} })).toBeUndefined()
})
