import { expect, test } from 'vitest'
import { configure } from './configure.ts'
import { definePlugin } from '../plugin.ts'
import { SchemaError } from './validate.ts'

const head = { name: 'trial', version: '1.0.0', priority: 1, phases: {} } as const
const span = definePlugin({
  ...head,
  schema: {
    type: 'object',
    properties: { low: { type: 'integer', default: 0 }, high: { type: 'integer' } },
    required: ['high'],
  },
  check: ({ low, high }) => (low > high ? `low(${low}) is above high(${high})` : undefined),
})

test('a configuration is complete, and stored as it is served', () => {
  const configured = configure(span, { high: 3, low: null })
  expect(configured).toEqual({ ok: true, value: { low: 0, high: 3 }, config: { low: 0, high: 3 } })
})

test('what the schema cannot say is said by check, once the schema is content', () => {
  expect(configure(span, { high: 3, low: 4 })).toEqual({
    ok: false,
    fields: { '@entity': ['low(4) is above high(3)'] },
  })
  expect(configure(span, undefined)).toEqual({
    ok: false,
    fields: { high: 'required field missing' },
  })
})

test('a failing check says whose it is', () => {
  const check = (): never => {
    throw new Error('broken')
  }
  const plugin = definePlugin({ ...head, schema: { type: 'object', properties: {} }, check })
  expect(() => configure(plugin, {})).toThrow('plugin trial, check: broken')
})

test('an unusable schema says whose it is', () => {
  const schema = {
    type: 'object',
    properties: { a: { type: 'string', format: 'nonesuch' } },
  } as const
  const plugin = definePlugin({ ...head, schema })
  expect(() => configure(plugin, {})).toThrow(SchemaError)
  expect(() => configure(plugin, {})).toThrow(/plugin trial: invalid schema: .*nonesuch/)
})
