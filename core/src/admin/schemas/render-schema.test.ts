import type { Schema } from '@kong-ts/pdk'
import { expect, test } from 'vitest'
import { renderField } from './render-schema.ts'

test.each<[string, Schema, object]>([
  ['a text', { type: 'string', description: 'why' }, { type: 'string', description: 'why' }],
  [
    'a length and a pattern',
    { type: 'string', minLength: 0, maxLength: 9, pattern: '^a' },
    { type: 'string', len_min: 0, len_max: 9, match: '^a' },
  ],
  ['a choice', { enum: ['a', 'b'] }, { type: 'string', one_of: ['a', 'b'] }],
  ['no choice', { type: 'integer', not: { enum: [1] } }, { type: 'integer', not_one_of: [1] }],
  ['one value', { const: true }, { type: 'boolean', eq: true }],
  [
    'a default that is false',
    { type: 'boolean', default: false },
    { type: 'boolean', default: false },
  ],
  [
    'a range',
    { type: 'integer', minimum: 0, maximum: 65_535 },
    { type: 'integer', between: [0, 65_535] },
  ],
  ['a whole number from 1', { type: 'integer', minimum: 1 }, { type: 'integer', gt: 0 }],
  ['a number from 1', { type: 'number', minimum: 1 }, { type: 'number', between: [1, 'inf'] }],
  ['a number to 1', { type: 'number', maximum: 1 }, { type: 'number', between: ['-inf', 1] }],
  ['a number above 0', { type: 'number', exclusiveMinimum: 0 }, { type: 'number', gt: 0 }],
  ['an id', { type: 'string', format: 'uuid' }, { type: 'string', uuid: true }],
  ['a time', { type: 'integer', format: 'timestamp' }, { type: 'integer', timestamp: true }],
  [
    'a path',
    { type: 'string', format: 'path' },
    {
      type: 'string',
      starts_with: '/',
      match_none: [{ pattern: '//', err: 'must not have empty segments' }],
    },
  ],
  ['whole numbers', { enum: [1, 2] }, { type: 'integer', one_of: [1, 2] }],
  [
    'a choice of types by the first',
    { anyOf: [{ type: 'integer' }, { type: 'string' }] },
    { type: 'integer' },
  ],
  ['an object of anything', { type: 'object' }, { type: 'record', abstract: true }],
  [
    'an array',
    { type: 'array', items: { type: 'string' }, minItems: 1, maxItems: 4 },
    { type: 'array', len_min: 1, len_max: 4, elements: { type: 'string' } },
  ],
  [
    'a set',
    { type: 'array', uniqueItems: true, items: { type: 'integer' } },
    { type: 'set', elements: { type: 'integer' } },
  ],
  [
    'a map',
    { type: 'object', additionalProperties: { type: 'array', items: { type: 'string' } } },
    {
      type: 'map',
      keys: { type: 'string' },
      values: { type: 'array', elements: { type: 'string' } },
    },
  ],
  [
    'a record with its rules',
    {
      type: 'object',
      properties: { a: { type: 'string' }, b: { type: 'object', properties: {} } },
      required: ['a'],
      oneOf: [{ required: ['a'] }, { required: ['b'] }],
      // oxlint-disable-next-line unicorn/no-thenable -- the keyword of JSON Schema
      allOf: [{ if: { properties: { a: { const: 'x' } } }, then: { required: ['b'] } }],
    },
    {
      type: 'record',
      fields: [{ a: { type: 'string', required: true } }, { b: { type: 'record', fields: [] } }],
      entity_checks: [
        { only_one_of: ['a', 'b'] },
        {
          conditional: {
            if_field: 'a',
            if_match: { eq: 'x' },
            then_field: 'b',
            then_match: { required: true },
          },
        },
      ],
    },
  ],
  [
    'a record of somebody else',
    { type: 'object', additionalProperties: true },
    { type: 'record', abstract: true },
  ],
])('renders %s', (_name, schema, field) => {
  expect(renderField(schema)).toStrictEqual(field)
})
