import { Ajv } from 'ajv'
import type { ErrorObject, ValidateFunction } from 'ajv'
import { closeSchema, filledKeyword } from './close-schema.ts'
import { copyInput } from './copy-input.ts'
import { addError, entityKey } from './field-errors.ts'
import type { FieldErrors } from './field-errors.ts'
import { formats } from './formats.ts'
import type { ObjectSchema } from './schema.ts'
import { word, wordEntity } from './wording.ts'

export type Validated =
  | { readonly ok: true; readonly value: Record<string, unknown> }
  | { readonly ok: false; readonly fields: FieldErrors }

/** Checks a copy of its input against a schema, fills in defaults, and words errors as Kong does. */
export type Validator = (input: unknown) => Validated

export interface CompileOptions {
  /** Stands before field names in `@entity` messages, for example `config.`. */
  readonly prefix?: string
}

/** A schema that cannot be used. */
export class SchemaError extends Error {
  override readonly name = 'SchemaError'
  readonly code = 'ERR_PLUGIN_SCHEMA'
}

const ajv = new Ajv({
  allErrors: true,
  useDefaults: true,
  coerceTypes: false,
  strict: true,
  strictRequired: false,
  ownProperties: true,
  verbose: true,
})
for (const [name, format] of Object.entries(formats)) {
  ajv.addFormat(name, (value) => format.accepts(value))
}

// As Kong's sets: a value given twice counts once.
ajv.removeKeyword('uniqueItems')
ajv.addKeyword({
  keyword: 'uniqueItems',
  type: 'array',
  schemaType: 'boolean',
  modifying: true,
  validate: (wanted: boolean, items: unknown[]) => {
    if (wanted) items.splice(0, items.length, ...new Set(items))
    return true
  },
})
ajv.addKeyword({
  keyword: filledKeyword,
  type: 'object',
  schemaType: 'string',
  validate: (field: string, value: Record<string, unknown>) => !isEmpty(value[field]),
})

const compiled = new WeakMap<ObjectSchema, ValidateFunction>()

/**
 * Makes a validator. A schema is compiled once, however often it is asked for.
 * @throws SchemaError when the schema is not valid, saying what is wrong with it
 */
export function compile(schema: ObjectSchema, { prefix = '' }: CompileOptions = {}): Validator {
  const check = compileOnce(schema)
  return (input) => {
    const fields: FieldErrors = {}
    const value = copyInput(input ?? {}, (path, message) => addError(fields, path, message))
    if (!check(value)) collect(check.errors ?? [], value, prefix, fields)
    return Object.keys(fields).length === 0 && isRecord(value)
      ? { ok: true, value }
      : { ok: false, fields }
  }
}

function compileOnce(schema: ObjectSchema): ValidateFunction {
  // Whoever writes JavaScript is not told by the compiler.
  if (!isRecord(schema))
    throw new SchemaError(
      "there is no schema; without fields it is { type: 'object', properties: {} }",
    )
  const known = compiled.get(schema)
  if (known) return known
  try {
    const check = ajv.compile(closeSchema(schema))
    complain(schema, check)
    compiled.set(schema, check)
    return check
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error)
    throw new SchemaError(`invalid schema: ${text}`, { cause: error })
  }
}

/** What could never be configured is told while the plugin is loaded, and not to the operator who tries. */
function complain(schema: ObjectSchema, check: ValidateFunction): void {
  const { properties, required = [], additionalProperties = false } = schema
  const unknown = required.find((name) => !Object.hasOwn(properties, name))
  if (unknown !== undefined && additionalProperties === false)
    throw new Error(`'${unknown}' is required and no property`)
  const empty = {}
  check(empty)
  // Of a configuration that says nothing, only defaults can be wrong in themselves.
  const bad = check.errors?.find(({ instancePath }) => instancePath !== '')
  if (bad)
    throw new Error(`the default of '${pathOf(bad.instancePath, empty).join('.')}': ${word(bad)}`)
}

/** Errors of the branches of a choice say less than the choice itself: they are left out. */
function collect(
  errors: readonly ErrorObject[],
  value: unknown,
  prefix: string,
  fields: FieldErrors,
): void {
  const choices = errors.filter(({ keyword }) => keyword === 'anyOf' || keyword === 'oneOf')
  for (const error of errors) {
    if (choices.some((choice) => isInside(error, choice))) continue
    // What is wrong with the name is told by the error before.
    if (error.keyword === 'propertyNames') continue
    const path = [...pathOf(error.instancePath, value), ...namedBy(error)]
    const entity = wordEntity(error, [prefix, ...path.map((key) => `${key}.`)].join(''))
    if (entity === undefined) addError(fields, path, word(error))
    else addError(fields, [...path, entityKey], entity)
  }
}

function isInside(error: ErrorObject, choice: ErrorObject): boolean {
  return (
    error.schemaPath.startsWith(`${choice.schemaPath}/`) &&
    (error.instancePath === choice.instancePath ||
      error.instancePath.startsWith(`${choice.instancePath}/`))
  )
}

/** The keys on the way to the value (RFC 6901); positions in arrays count from one. */
function pathOf(pointer: string, value: unknown): string[] {
  let at = value
  return pointer
    .split('/')
    .slice(1)
    .map((escaped) => {
      const key = escaped.replaceAll('~1', '/').replaceAll('~0', '~')
      const name = Array.isArray(at) ? String(Number(key) + 1) : key
      at = isRecord(at) || Array.isArray(at) ? Reflect.get(at, key) : undefined
      return name
    })
}

function namedBy({ params }: ErrorObject): string[] {
  const name: unknown = params['missingProperty'] ?? params['additionalProperty']
  return typeof name === 'string' ? [name] : []
}

function isEmpty(value: unknown): boolean {
  return (
    value === '' || (typeof value === 'object' && value !== null && Object.keys(value).length === 0)
  )
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
