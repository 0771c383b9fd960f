import { expect, test } from 'vitest'
import { rulesOf } from './render-checks.ts'

test('choices and conditions name their fields below the prefix', () => {
  const rules = rulesOf(
    {
      anyOf: [{ required: ['a'] }, { required: ['b'] }],
      // oxlint-disable-next-line unicorn/no-thenable -- the keyword of JSON Schema
      allOf: [{ if: { properties: { a: { enum: ['x'] } } }, then: { required: ['b'] } }],
    },
    'config.',
  )
  expect(rules).toEqual([
    { at_least_one_of: ['config.a', 'config.b'] },
    {
      conditional: {
        if_field: 'config.a',
        if_match: { one_of: ['x'] },
        then_field: 'config.b',
        then_match: { required: true },
      },
    },
  ])
})

test('a schema without rules has none', () => {
  expect(rulesOf({ type: 'string' })).toEqual([])
})
