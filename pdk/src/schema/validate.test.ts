import { expect, test } from 'vitest'
import type { ObjectSchema, Schema } from './schema.ts'
import { compile, SchemaError } from './validate.ts'

function fieldErrors(schema: ObjectSchema, input: unknown, prefix = ''): unknown {
  const checked = compile(schema, { prefix })(input)
  return checked.ok ? 'no errors' : checked.fields
}

function object(
  properties: Record<string, Schema>,
  rest: Partial<ObjectSchema> = {},
): ObjectSchema {
  return { type: 'object', properties, ...rest }
}

test('fills in defaults in a copy and leaves the input alone', () => {
  const input = { list: ['a'] }
  const schema = object({
    list: { type: 'array', items: { type: 'string' } },
    reason: { type: 'string', default: 'closed' },
    nested: object({ deep: { type: 'integer', default: 3 } }, { default: {} }),
  })
  const checked = compile(schema)(input)
  expect(checked).toEqual({
    ok: true,
    value: { list: ['a'], reason: 'closed', nested: { deep: 3 } },
  })
  expect(input).toEqual({ list: ['a'] })
  if (checked.ok) expect(checked.value['list']).not.toBe(input.list)
})

test('a default is a fresh value each time', () => {
  const validate = compile(
    object({ list: { type: 'array', items: { type: 'string' }, default: [] } }),
  )
  const [one, two] = [validate({}), validate({})]
  expect(one).toEqual({ ok: true, value: { list: [] } })
  if (one.ok && two.ok) expect(one.value['list']).not.toBe(two.value['list'])
})

test('null means not set, at every depth', () => {
  const schema = object({
    a: { type: 'string' },
    b: object({ c: { type: 'string' } }),
    d: { type: 'string', default: 'x' },
  })
  expect(compile(schema)({ a: null, b: { c: null }, d: null })).toEqual({
    ok: true,
    value: { b: {}, d: 'x' },
  })
  expect(compile(schema)(null)).toEqual({ ok: true, value: { d: 'x' } })
  expect(fieldErrors(object({ a: { type: 'string' } }, { required: ['a'] }), { a: null })).toEqual({
    a: 'required field missing',
  })
})

test.each<[Schema, unknown, string]>([
  [{ type: 'string' }, 1, 'expected a string'],
  [{ type: 'number' }, '1', 'expected a number'],
  [{ type: 'number' }, Number.NaN, 'expected a number'],
  [{ type: 'integer' }, 1.5, 'expected an integer'],
  [{ type: 'boolean' }, 'true', 'expected a boolean'],
  [{ type: 'array', items: { type: 'string' } }, 'x', 'expected an array'],
  [{ type: 'array', items: { type: 'string' }, uniqueItems: true }, 'x', 'expected a set'],
  [{ type: 'object', additionalProperties: { type: 'string' } }, 'x', 'expected a map'],
  [{ type: 'object', properties: {} }, [], 'expected a record'],
  [{ enum: ['ip', 'route'] }, 'x', 'expected one of: ip, route'],
  [{ const: 'local' }, 'x', 'value must be local'],
  [{ type: 'string', not: { enum: ['a', 'b'] } }, 'a', 'must not be one of: a, b'],
  [{ type: 'integer', minimum: 0, maximum: 65535 }, 65536, 'value should be between 0 and 65535'],
  [{ type: 'integer', minimum: 0, maximum: 65535 }, -1, 'value should be between 0 and 65535'],
  [{ type: 'integer', minimum: 1 }, 0, 'value must be at least 1'],
  [{ type: 'integer', maximum: 1 }, 2, 'value must be at most 1'],
  [{ type: 'number', exclusiveMinimum: 0 }, 0, 'value must be greater than 0'],
  [{ type: 'number', exclusiveMaximum: 9 }, 9, 'value must be less than 9'],
  [{ type: 'string', minLength: 2 }, 'a', 'length must be at least 2'],
  [{ type: 'string', maxLength: 2 }, 'abc', 'length must be at most 2'],
  [{ type: 'string', minLength: 2, maxLength: 2 }, 'abc', 'length must be 2'],
  [{ type: 'array', items: { type: 'string' }, minItems: 1 }, [], 'length must be at least 1'],
  [{ type: 'string', pattern: '^a' }, 'b', 'invalid value: b'],
  [
    { type: 'string', format: 'ip_or_cidr' },
    '10.0.0.0/33',
    "invalid ip or cidr range: '10.0.0.0/33'",
  ],
  [{ type: 'string', format: 'host' }, 'a:1', 'must not have a port'],
  [{ type: 'string', format: 'uuid' }, 'x', 'expected a valid UUID'],
  [{ type: 'string', format: 'filename' }, '/tmp/a*b', 'not a valid filename'],
  [{ anyOf: [{ type: 'string' }, { type: 'integer' }] }, true, 'invalid value: true'],
])('%j says about %j: %s', (schema, value, message) => {
  expect(fieldErrors(object({ field: schema }), { field: value })).toEqual({ field: message })
})

test('unknown fields are errors at every depth, and only where they are not allowed', () => {
  const schema = object({
    record: object({ known: { type: 'string' } }),
    records: { type: 'array', items: object({ known: { type: 'string' } }) },
    map: { type: 'object', additionalProperties: { type: 'string' } },
    open: { type: 'object', properties: {}, additionalProperties: true },
  })
  expect(fieldErrors(schema, { x: 1, record: { y: 1 }, records: [{}, { z: 1 }] })).toEqual({
    x: 'unknown field',
    record: { y: 'unknown field' },
    records: { 2: { z: 'unknown field' } },
  })
  expect(fieldErrors(schema, { map: { any: 'thing' }, open: { any: 1 } })).toBe('no errors')
})

test('an error in an array stands under its position, counted from one', () => {
  const allow: Schema = { type: 'array', items: { type: 'string', format: 'ip_or_cidr' } }
  expect(fieldErrors(object({ allow }), { allow: ['x', '10.0.0.0/8', 'y'] })).toEqual({
    allow: { 1: "invalid ip or cidr range: 'x'", 3: "invalid ip or cidr range: 'y'" },
  })
})

test('a choice of fields stands under @entity and asks for content', () => {
  const list: Schema = { type: 'array', items: { type: 'string' } }
  const schema = object(
    { allow: list, deny: list },
    { anyOf: [{ required: ['allow'] }, { required: ['deny'] }] },
  )
  const message = "at least one of these fields must be non-empty: 'config.allow', 'config.deny'"
  expect(fieldErrors(schema, {}, 'config.')).toEqual({ '@entity': [message] })
  expect(fieldErrors(schema, { allow: [] }, 'config.')).toEqual({ '@entity': [message] })
  expect(fieldErrors(schema, { allow: [], deny: ['x'] })).toBe('no errors')
  const one = object({ a: list, b: list }, { oneOf: [{ required: ['a'] }, { required: ['b'] }] })
  expect(fieldErrors(one, { a: ['x'], b: ['y'] })).toEqual({
    '@entity': ["exactly one of these fields must be non-empty: 'a', 'b'"],
  })
})

test('a condition reports the field and the condition', () => {
  const schema = object(
    { policy: { enum: ['local', 'redis'] }, host: { type: 'string' } },
    {
      if: { properties: { policy: { const: 'redis' } }, required: ['policy'] },
      // oxlint-disable-next-line unicorn/no-thenable -- the keyword of JSON Schema
      then: { required: ['host'] },
    },
  )
  expect(fieldErrors(schema, { policy: 'redis' }, 'config.')).toEqual({
    host: 'required field missing',
    '@entity': ["failed conditional validation given value of field 'config.policy'"],
  })
  expect(fieldErrors(schema, { policy: 'local' })).toBe('no errors')
})

test('a set drops what was given twice', () => {
  const schema = object({ tags: { type: 'array', items: { type: 'string' }, uniqueItems: true } })
  expect(compile(schema)({ tags: ['b', 'a', 'b'] })).toEqual({
    ok: true,
    value: { tags: ['b', 'a'] },
  })
})

test('keys that reach a prototype never get through', () => {
  const open = object({}, { additionalProperties: true })
  const fields = fieldErrors(
    open,
    JSON.parse('{"__proto__":{"polluted":1},"constructor":1,"in":{"prototype":2}}'),
  )
  expect(JSON.stringify(fields)).toBe(
    '{"__proto__":"unknown field","constructor":"unknown field","in":{"prototype":"unknown field"}}',
  )
  expect(fieldErrors(object({}), { toString: 1 })).toEqual({ toString: 'unknown field' })
  const inherited = object({}, { additionalProperties: true, required: ['valueOf'] })
  expect(fieldErrors(inherited, {})).toEqual({ valueOf: 'required field missing' })
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
})

test('input that never ends is refused', () => {
  const cycle: Record<string, unknown> = {}
  cycle['again'] = cycle
  expect(compile(object({}, { additionalProperties: true }))(cycle).ok).toBe(false)
})

test.each([[1], ['x'], [[]], [true]])('%j is no record', (input) => {
  expect(fieldErrors(object({}), input)).toEqual({ '@entity': ['expected a record'] })
})

test.each<[Record<string, Schema>, string]>([
  [{ a: { type: 'integer', default: 'x' } }, "the default of 'a': expected an integer"],
  [{ a: { type: 'integer', default: 0, minimum: 1 } }, "the default of 'a': value must be "],
  [{ a: { type: 'array', items: { type: 'string' }, default: [1] } }, "the default of 'a.1': "],
  [{ a: { type: 'string', default: 'x', format: 'ip' } }, "the default of 'a': "],
])('%j could never be configured: %s', (properties, complaint) => {
  expect(() => compile(object(properties))).toThrow(complaint)
})

test('what is required has to be a property', () => {
  const schema = object({ a: { type: 'string' } }, { required: ['a', 'b'] })
  expect(() => compile(schema)).toThrow("invalid schema: 'b' is required and no property")
})

test('a schema that is not valid says what is wrong, and where', () => {
  const unknownFormat = object({ a: { type: 'string', format: 'nonesuch' } })
  expect(() => compile(unknownFormat)).toThrow(SchemaError)
  expect(() => compile(unknownFormat)).toThrow(/nonesuch.*properties\/a/)
  const misspelt = JSON.parse(
    '{"type":"object","properties":{"a":{"type":"strnig"}}}',
  ) as ObjectSchema
  expect(() => compile(misspelt)).toThrow(/properties\/a\/type/)
  const unknownKeyword = {
    type: 'object',
    properties: { a: { lenght: 1 } },
  } as unknown as ObjectSchema
  expect(() => compile(unknownKeyword)).toThrow(/lenght/)
})

test('a schema that is not there is told', () => {
  const schema: unknown = undefined
  // JavaScript has no compiler that would refuse it.
  expect(() => compile(schema as ObjectSchema)).toThrow(
    "there is no schema; without fields it is { type: 'object', properties: {} }",
  )
})
