import type { ErrorObject } from 'ajv'
import { chosenField } from './close-schema.ts'
import { formats } from './formats.ts'
import type { Schema } from './schema.ts'

/** The text for an error of the validator, in Kong's words where Kong has words for it. */
export function word(error: ErrorObject): string {
  return words[error.keyword]?.(error, schemaOf(error)) ?? invalid(error)
}

/** What the error says about the object as a whole rather than about one field; `scope` precedes field names. */
export function wordEntity(error: ErrorObject, scope: string): string | undefined {
  const schema = schemaOf(error)
  if (error.keyword === 'anyOf') return choice('at least one', schema.anyOf, scope)
  if (error.keyword === 'oneOf') return choice('exactly one', schema.oneOf, scope)
  if (error.keyword === 'if') return conditional(schema, scope)
  return undefined
}

type Wording = (error: ErrorObject, schema: Schema) => string

const words: Readonly<Record<string, Wording>> = {
  type: (_, schema) => `expected ${kindOf(schema)}`,
  required: () => 'required field missing',
  additionalProperties: () => 'unknown field',
  enum: (_, { enum: allowed = [] }) => `expected one of: ${allowed.join(', ')}`,
  const: (_, schema) => `value must be ${String(schema.const)}`,
  not: (error, { not }) =>
    not?.enum ? `must not be one of: ${not.enum.join(', ')}` : invalid(error),
  minimum: (_, schema) => range(schema),
  maximum: (_, schema) => range(schema),
  exclusiveMinimum: (_, schema) => `value must be greater than ${schema.exclusiveMinimum}`,
  exclusiveMaximum: (_, schema) => `value must be less than ${schema.exclusiveMaximum}`,
  minLength: (_, { minLength, maxLength }) => length('at least', minLength, maxLength),
  maxLength: (_, { minLength, maxLength }) => length('at most', maxLength, minLength),
  minItems: (_, { minItems, maxItems }) => length('at least', minItems, maxItems),
  maxItems: (_, { minItems, maxItems }) => length('at most', maxItems, minItems),
  maxProperties: (_, { maxProperties }) => length('at most', maxProperties, undefined),
  format: (error, { format = '' }) =>
    formats[format]?.complain(String(error.data)) ?? invalid(error),
}

const kinds: Readonly<Record<string, string>> = {
  string: 'a string',
  integer: 'an integer',
  number: 'a number',
  boolean: 'a boolean',
  null: 'null',
}

function kindOf(schema: Schema): string {
  if (schema.type === 'array') return schema.uniqueItems ? 'a set' : 'an array'
  if (schema.type === 'object') return schema.properties ? 'a record' : 'a map'
  return kinds[schema.type ?? ''] ?? 'another type'
}

function range({ minimum, maximum }: Schema): string {
  if (minimum !== undefined && maximum !== undefined) {
    return `value should be between ${minimum} and ${maximum}`
  }
  return minimum === undefined
    ? `value must be at most ${maximum}`
    : `value must be at least ${minimum}`
}

function length(how: string, limit: number | undefined, other: number | undefined): string {
  return limit === other ? `length must be ${limit}` : `length must be ${how} ${limit}`
}

function invalid({ data }: ErrorObject): string {
  return `invalid value: ${typeof data === 'string' ? data : JSON.stringify(data)}`
}

function choice(how: string, branches: readonly Schema[] = [], scope: string): string | undefined {
  const fields = branches.flatMap((branch) => chosenField(branch) ?? [])
  if (fields.length !== branches.length) return undefined
  return `${how} of these fields must be non-empty: ${fields.map((field) => `'${scope}${field}'`).join(', ')}`
}

function conditional({ if: condition }: Schema, scope: string): string {
  const field = Object.keys(condition?.properties ?? {})[0] ?? ''
  return `failed conditional validation given value of field '${scope}${field}'`
}

function schemaOf(error: ErrorObject): Schema {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- ajv types its schemas loosely; these passed `compile`
  return (error.parentSchema ?? {}) as Schema
}
