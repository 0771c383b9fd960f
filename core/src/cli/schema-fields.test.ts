import { expect, test } from 'vitest'
import { schemaFields } from './schema-fields.ts'

test('a field says its type, its limits, its default and its meaning', () => {
  const schema = {
    properties: {
      second: { type: 'number', exclusiveMinimum: 0, description: 'per second' },
      by: { enum: ['ip', 'sni'], default: 'ip' },
      host: { type: 'string', format: 'host' },
      retries: { type: 'integer', minimum: 0, maximum: 5, default: 0 },
    },
    required: ['host'],
  } as const
  expect(schemaFields(schema)).toEqual([
    { name: 'second', type: 'number (> 0)', fallback: '-', meaning: 'per second' },
    { name: 'by', type: '"ip" | "sni"', fallback: '"ip"', meaning: '' },
    { name: 'host', type: 'string (host)', fallback: 'required', meaning: '' },
    { name: 'retries', type: 'integer (>= 0, <= 5)', fallback: '0', meaning: '' },
  ])
})

test('objects, lists and maps are told by what they hold', () => {
  const schema = {
    properties: {
      redis: { type: 'object', properties: { port: { type: 'integer', default: 6379 } } },
      lists: { type: 'array', items: { type: 'string', format: 'cidr' } },
      headers: { type: 'object', additionalProperties: { type: 'string' } },
    },
  } as const
  expect(schemaFields(schema).map(({ name, type }) => [name, type])).toEqual([
    ['redis', 'object'],
    ['redis.port', 'integer'],
    ['lists', 'list of string (cidr)'],
    ['headers', 'map to string'],
  ])
})
