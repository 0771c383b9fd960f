import type { Schema } from '@kong-ts/pdk'
import { isBeyondKong } from '../../entities/beyond-kong.ts'
import { rulesOf } from './render-checks.ts'

/** A field as Kong's schemas write it down. */
export type KongField = Readonly<Record<string, unknown>>

/** The formats that Kong's schemas state in other words; its patterns are those of Lua. */
const formats: Readonly<Record<string, KongField>> = {
  uuid: { uuid: true },
  timestamp: { timestamp: true },
  path: { starts_with: '/', match_none: [{ pattern: '//', err: 'must not have empty segments' }] },
  'route-path': {
    match_any: {
      patterns: ['^/', '^~/'],
      err: 'should start with: / (fixed path) or ~/ (regex path)',
    },
  },
  method: { match: '^%u+$' },
  'variable-prefix': { match: '^[%a_-][%a%d_-]*$' },
}

/** The words of Kong's schemas, each with what it says of one of ours; undefined says nothing. */
const attributes: Readonly<Record<string, (schema: Schema) => unknown>> = {
  type: kongType,
  description: (schema) => schema.description,
  default: (schema) => schema.default,
  one_of: (schema) => schema.enum,
  not_one_of: (schema) => schema.not?.enum,
  eq: (schema) => schema.const,
  between,
  gt: lowerBound,
  len_min: (schema) => schema.minLength ?? schema.minItems,
  len_max: (schema) => schema.maxLength ?? schema.maxItems,
  match: (schema) => schema.pattern,
  abstract: (schema) => isOpen(schema) || undefined,
  elements: ({ items }) => items && renderField(items),
  keys: (schema) => (kongType(schema) === 'map' ? { type: 'string' } : undefined),
  values: ({ additionalProperties: rest }) =>
    typeof rest === 'object' ? renderField(rest) : undefined,
  fields: (schema) => schema.properties && renderFields(schema, schema.properties),
  entity_checks: nestedChecks,
}

/** One of our schemas in the words of Kong's. What Kong has no word for, such as most formats, is left out. */
export function renderField(schema: Schema): KongField {
  const said = Object.entries(attributes).map(([name, say]) => [name, say(schema)] as const)
  return {
    ...Object.fromEntries(said.filter(([, value]) => value !== undefined)),
    ...formats[schema.format ?? ''],
  }
}

/**
 * The fields of a record, in order: `[{ name: { type, … } }]`. Those that Kong does not have are left out: its clients
 * complete what a user wrote by these schemas, and would find null where nothing is served.
 */
function renderFields(
  { required = [] }: Schema,
  properties: Readonly<Record<string, Schema>>,
): readonly KongField[] {
  return Object.entries(properties)
    .filter(([, field]) => !isBeyondKong(field))
    .map(([name, field]) => ({
      [name]: { ...renderField(field), ...(required.includes(name) && { required: true }) },
    }))
}

function kongType(schema: Schema): string {
  const { type } = schema
  if (type === 'array') return schema.uniqueItems ? 'set' : 'array'
  if (type === 'object') return schema.properties || isOpen(schema) ? 'record' : 'map'
  return type ?? typeOfValues(schema)
}

/** Kong has no union: of several types the first is shown, and what is written is checked by all. */
function typeOfValues({ enum: values, const: only, anyOf, oneOf }: Schema): string {
  const [branch] = anyOf ?? oneOf ?? []
  if (branch?.type !== undefined) return kongType(branch)
  const allowed = values ?? [only ?? '']
  return allowed.every((value) => Number.isInteger(value)) ? 'integer' : typeof allowed[0]
}

/** A record whose fields are known elsewhere, as those of `config` are in the plugin's schema. */
function isOpen({ type, properties, additionalProperties: rest }: Schema): boolean {
  return type === 'object' && properties === undefined && (rest === true || rest === undefined)
}

/** JSON has no infinity: Kong writes it as a text. */
function between(schema: Schema): readonly unknown[] | undefined {
  const { minimum, maximum } = schema
  if (minimum === undefined && maximum === undefined) return undefined
  if (maximum === undefined && schema.type === 'integer') return undefined
  return [minimum ?? '-inf', maximum ?? 'inf']
}

function lowerBound(schema: Schema): number | undefined {
  const { minimum, maximum, exclusiveMinimum } = schema
  if (exclusiveMinimum !== undefined || maximum !== undefined) return exclusiveMinimum
  return schema.type === 'integer' && minimum !== undefined ? minimum - 1 : undefined
}

function nestedChecks(schema: Schema): readonly KongField[] | undefined {
  const checks = rulesOf(schema)
  return checks.length === 0 ? undefined : checks
}
