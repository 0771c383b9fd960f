import type { Schema } from '@kong-ts/pdk'
import { expect, test } from 'vitest'
import { bodies, closedObject, nullable, openApiSchema, recordOf } from './schema.ts'

const record = {
  type: 'object',
  properties: {
    host: { type: 'string', description: 'where' },
    port: { type: 'integer', minimum: 0, maximum: 65_535, default: 80 },
    id: { type: 'string', format: 'uuid' },
    tags: { type: 'array', uniqueItems: true, items: { type: 'string', format: 'tag' } },
  },
  required: ['host', 'port'],
  anyOf: [{ required: ['id'] }, { required: ['tags'] }],
} as const satisfies Schema

test('a served record has all its fields, null for what is absent', () => {
  expect(openApiSchema(record, 'served')).toEqual({
    type: 'object',
    properties: {
      host: { type: 'string', description: 'where' },
      port: { type: 'integer', minimum: 0, maximum: 65_535, default: 80 },
      id: { type: ['string', 'null'], format: 'uuid' },
      tags: {
        type: ['array', 'null'],
        uniqueItems: true,
        items: { type: 'string', pattern: '^[^,/]+$' },
      },
    },
    required: ['host', 'port', 'id', 'tags'],
    additionalProperties: false,
  })
})

test('a written record needs what has no default, and keeps its choices', () => {
  const whole = openApiSchema(record, 'whole')
  expect(whole).toMatchObject({ required: ['host'], anyOf: record.anyOf })
  expect(JSON.stringify(whole)).not.toContain('uniqueItems')
})

test('a part needs nothing and fills nothing in; elements are whole', () => {
  const part = openApiSchema(
    { type: 'object', properties: { of: { type: 'array', items: record } } },
    'part',
  )
  expect(part).not.toHaveProperty('required')
  expect(part).toMatchObject({ properties: { of: { items: { required: ['host'] } } } })
  expect(openApiSchema(record, 'part')).not.toHaveProperty('properties.port.default')
})

test.each<[string, Schema, object]>([
  ['a map', { type: 'object', additionalProperties: { type: 'string' } }, { type: 'string' }],
])('%s keeps what its values are', (_name, schema, values) => {
  expect(openApiSchema(schema, 'served')).toEqual({ type: 'object', additionalProperties: values })
})

test('anything is anything, and a choice of types stays one', () => {
  expect(openApiSchema({ type: 'object' }, 'served')).toEqual({
    type: 'object',
    additionalProperties: true,
  })
  const choice = { anyOf: [{ type: 'string' }, { type: 'integer' }] } as const
  expect(openApiSchema(choice, 'served')).toEqual(choice)
})

test.each([
  [{ type: 'string' }, { type: ['string', 'null'] }],
  [
    { type: 'string', enum: ['a'] },
    { type: ['string', 'null'], enum: ['a', null] },
  ],
  [{ enum: [1] }, { enum: [1, null] }],
  [{ $ref: '#/x' }, { anyOf: [{ $ref: '#/x' }, { type: 'null' }] }],
])('%j or null', (schema, expected) => {
  expect(nullable(schema)).toEqual(expected)
})

test('objects and bodies', () => {
  expect(closedObject({ a: {} }, [])).toEqual({
    type: 'object',
    properties: { a: {} },
    additionalProperties: false,
  })
  expect(recordOf({ a: {} })).toEqual({ type: 'object', properties: { a: {} }, required: ['a'] })
  expect(Object.keys(bodies({}))).toEqual([
    'application/json',
    'application/x-www-form-urlencoded',
    'multipart/form-data',
  ])
})
