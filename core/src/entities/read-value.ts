import type { Schema } from '@kong-ts/pdk'
import { addError, entityKey } from '@kong-ts/pdk/host'
import type { FieldErrors } from '../errors/entity-error.ts'
import { isBeyondKong } from './beyond-kong.ts'
import { isFields } from './fields.ts'
import { faultOfFormat, faultOfUtf8 } from './formats.ts'

/** Takes note of a fault at a path. */
export type Report = (path: readonly string[], fault: string) => void

/** A body of megabytes must not become an answer of many more. */
const maxFaults = 100

/** Collects the first faults. */
export function reportInto(errors: FieldErrors): Report {
  let count = 0
  return (path, fault) => {
    if (count++ < maxFaults) addError(errors, path, fault)
  }
}

/**
 * Checks one value, which is not null, in Kong's words; answers with a complete copy: in records null stands for
 * what is absent, and sets (`uniqueItems`) lose duplicates. After a fault the answer means nothing.
 */
export function readValue(
  schema: Schema,
  value: unknown,
  at: readonly string[],
  report: Report,
): unknown {
  switch (schema.type) {
    case 'string':
      return readString(schema, value, at, report)
    case 'integer':
    case 'number':
      return readNumber(schema, value, at, report)
    case 'boolean':
      if (typeof value !== 'boolean') report(at, 'expected a boolean')
      return value
    case 'array':
      return readArray(schema, value, at, report)
    case 'object':
      return readObject(schema, value, at, report)
    default:
      return value
  }
}

function readString(
  schema: Schema,
  value: unknown,
  at: readonly string[],
  report: Report,
): unknown {
  const fault = typeof value === 'string' ? faultOfString(schema, value) : 'expected a string'
  if (fault !== undefined) report(at, fault)
  return schema.format === 'uuid' && typeof value === 'string' ? value.toLowerCase() : value
}

function faultOfString(schema: Schema, value: string): string | undefined {
  if (schema.enum) return faultOfEnum(schema.enum, value)
  const { minLength = 1, maxLength = Infinity, format } = schema
  if (value.length < minLength) return `length must be at least ${minLength}`
  if (value.length > maxLength) return `length must be at most ${maxLength}`
  return (format && faultOfFormat(format, value)) ?? faultOfUtf8(value)
}

function readNumber(
  schema: Schema,
  value: unknown,
  at: readonly string[],
  report: Report,
): unknown {
  const fault =
    typeof value === 'number' ? faultOfNumber(schema, value) : `expected ${article(schema.type)}`
  if (fault !== undefined) report(at, fault)
  return value
}

function faultOfNumber(schema: Schema, value: number): string | undefined {
  const exact = schema.type === 'integer' ? Number.isInteger(value) : Number.isFinite(value)
  if (!exact) return `expected ${article(schema.type)}`
  if (schema.enum) return faultOfEnum(schema.enum, value)
  if (schema.format === 'timestamp' && value <= 0) return 'expected a valid timestamp'
  return faultOfRange(schema, value)
}

function faultOfRange(
  { minimum = -Infinity, maximum = Infinity }: Schema,
  value: number,
): string | undefined {
  return value < minimum || value > maximum
    ? `value should be between ${minimum} and ${maximum}`
    : undefined
}

function article(type: Schema['type']): string {
  return type === 'integer' ? 'an integer' : 'a number'
}

function faultOfEnum(allowed: readonly unknown[], value: unknown): string | undefined {
  return allowed.includes(value) ? undefined : `expected one of: ${allowed.join(', ')}`
}

function readArray(schema: Schema, value: unknown, at: readonly string[], report: Report): unknown {
  if (!Array.isArray(value)) {
    report(at, schema.uniqueItems ? 'expected a set' : 'expected an array')
    return value
  }
  const { items = {}, minItems = 0 } = schema
  if (value.length < minItems) report(at, `length must be at least ${minItems}`)
  const read = value.map((item: unknown, index) =>
    readElement(items, item, [...at, String(index + 1)], report),
  )
  return schema.uniqueItems ? distinct(read) : read
}

function readElement(
  schema: Schema,
  value: unknown,
  at: readonly string[],
  report: Report,
): unknown {
  if (value === null) report(at, 'required field missing')
  return value === null ? value : readValue(schema, value, at, report)
}

function distinct(items: readonly unknown[]): readonly unknown[] {
  return [...new Map(items.map((item) => [JSON.stringify(item), item])).values()]
}

function readObject(
  schema: Schema,
  value: unknown,
  at: readonly string[],
  report: Report,
): unknown {
  if (!isFields(value)) {
    const isMap = typeof schema.additionalProperties === 'object'
    report(at, isMap ? 'expected a map' : 'expected a record')
    return value
  }
  if (schema.properties) return readRecord(schema, schema.properties, value, at, report)
  const { additionalProperties: rest } = schema
  if (typeof rest !== 'object') return value
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [
      name,
      readElement(rest, item, [...at, name], report),
    ]),
  )
}

/** A record: closed, complete, null where nothing is set and there is no default; see `beyondKong` for exceptions. */
export function readRecord(
  schema: Schema,
  properties: Readonly<Record<string, Schema>>,
  value: Readonly<Record<string, unknown>>,
  at: readonly string[],
  report: Report,
): Record<string, unknown> {
  for (const name of Object.keys(value)) {
    if (!Object.hasOwn(properties, name)) report([...at, name], 'unknown field')
  }
  const read = Object.fromEntries(
    Object.entries(properties).flatMap(([name, field]) => {
      const item = given(value, name) ?? defaultOf(value, name, field)
      if (item === null && isBeyondKong(field)) return []
      if (item === null && schema.required?.includes(name)) {
        report([...at, name], 'required field missing')
      }
      return [[name, item === null ? null : readValue(field, item, [...at, name], report)]]
    }),
  )
  reportChoice(schema, read, at, report)
  return read
}

function given(value: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(value, name) ? value[name] : undefined
}

/** An explicit null stays null; the default is for what was not said at all. */
function defaultOf(value: Readonly<Record<string, unknown>>, name: string, field: Schema): unknown {
  return given(value, name) === null ? null : structuredClone(field.default ?? null)
}

/** `anyOf` with one required field in each branch means: at least one of them. */
function reportChoice(
  schema: Schema,
  read: Record<string, unknown>,
  at: readonly string[],
  report: Report,
): void {
  const names = schema.anyOf?.flatMap(({ required = [] }) => required) ?? []
  if (names.length === 0 || names.some((name) => read[name] !== null)) return
  const listed = names.map((name) => `'${name}'`).join(', ')
  report([...at, entityKey], `at least one of these fields must be non-empty: ${listed}`)
}
