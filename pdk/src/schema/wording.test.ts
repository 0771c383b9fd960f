import { Ajv } from 'ajv'
import { expect, test } from 'vitest'
import { word, wordEntity } from './wording.ts'

const ajv = new Ajv({ verbose: true, allErrors: true, strict: false })

function errorsOf(schema: object, data: unknown) {
  const validate = ajv.compile(schema)
  validate(data)
  return validate.errors ?? []
}

test('a keyword without words of its own still names the value', () => {
  const [error] = errorsOf({ type: 'number', multipleOf: 2 }, 3)
  expect(error && word(error)).toBe('invalid value: 3')
})

test('only a choice between fields is about the whole', () => {
  const about = (schema: object, data: unknown) =>
    errorsOf(schema, data).flatMap((error) => wordEntity(error, 'config.') ?? [])
  expect(about({ oneOf: [{ required: ['a'] }, { required: ['b'] }] }, {})).toEqual([
    "exactly one of these fields must be non-empty: 'config.a', 'config.b'",
  ])
  expect(about({ anyOf: [{ required: ['a'] }, { type: 'string' }] }, {})).toEqual([])
})
