import type { Schema } from '@kong-ts/pdk'
import { isBeyondKong } from '../../entities/beyond-kong.ts'

/** A JSON Schema of the dialect of OpenAPI 3.1. */
export type JsonSchema = Readonly<Record<string, unknown>>

/**
 * What a schema speaks of: a row as it is served, with every field and null for what is absent; what is written to
 * make a whole one; or a part of one, which may leave out anything.
 */
export type Side = 'served' | 'whole' | 'part'

/** What bodies are sent as; a form writes nested fields as `config.allow[]=10.0.0.1`. */
const mediaTypes = [
  'application/json',
  'application/x-www-form-urlencoded',
  'multipart/form-data',
] as const

/** A body that may be sent in any of the usual ways. */
export function bodies(schema: JsonSchema): Readonly<Record<string, JsonSchema>> {
  return Object.fromEntries(mediaTypes.map((type) => [type, schema]))
}

/** The words that mean the same there. */
const copied = [
  'type',
  'enum',
  'const',
  'description',
  'pattern',
  'minLength',
  'maxLength',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'minItems',
  'maxItems',
] as const satisfies readonly (keyof Schema)[]

/** The formats that OpenAPI has words for; a client knows nothing of ours. */
const formats: Readonly<Record<string, JsonSchema>> = {
  uuid: { format: 'uuid' },
  path: { pattern: '^/' },
  'route-path': { pattern: '^~?/' },
  method: { pattern: '^[A-Z]+$' },
  tag: { pattern: '^[^,/]+$' },
}

/** One of our schemas as OpenAPI writes it. */
export function openApiSchema(schema: Schema, side: Side): JsonSchema {
  return {
    ...Object.fromEntries(
      copied.flatMap((word) => (schema[word] === undefined ? [] : [[word, schema[word]]])),
    ),
    ...formats[schema.format ?? ''],
    // In a part nothing is filled in.
    ...(side !== 'part' && schema.default !== undefined && { default: schema.default }),
    // What is given twice is accepted and served once.
    ...(side === 'served' && schema.uniqueItems && { uniqueItems: true }),
    ...(schema.items && { items: openApiSchema(schema.items, elementSide(side)) }),
    ...(schema.type === 'object' && contents(schema, side)),
    ...choices(schema, side),
  }
}

/** The same or null. */
export function nullable(schema: JsonSchema): JsonSchema {
  const { type, enum: values } = schema
  if (typeof type !== 'string' && !Array.isArray(values)) {
    return { anyOf: [schema, { type: 'null' }] }
  }
  return {
    ...schema,
    ...(typeof type === 'string' && { type: [type, 'null'] }),
    ...(Array.isArray(values) && { enum: [...values, null] }),
  }
}

/** An object that lists its fields and takes no others. */
export function closedObject(
  properties: Readonly<Record<string, JsonSchema>>,
  required: readonly string[],
): JsonSchema {
  return {
    type: 'object',
    properties,
    ...(required.length > 0 && { required }),
    additionalProperties: false,
  }
}

/** An object that has these fields, and others maybe. */
export function recordOf(properties: Readonly<Record<string, JsonSchema>>): JsonSchema {
  return { type: 'object', properties, required: Object.keys(properties) }
}

/** Elements are replaced whole. */
function elementSide(side: Side): Side {
  return side === 'part' ? 'whole' : side
}

function contents({ properties, required = [], additionalProperties: rest }: Schema, side: Side) {
  if (properties === undefined) {
    return { additionalProperties: typeof rest === 'object' ? openApiSchema(rest, side) : true }
  }
  const fields = Object.entries(properties).map(([name, field]) => {
    const written = openApiSchema(field, side)
    return [name, required.includes(name) ? written : nullable(written)] as const
  })
  const always = Object.keys(properties).filter((name) => isServedAlways(properties[name]))
  const demanded = { served: always, whole: undefaulted, part: [] }[side]
  return closedObject(
    Object.fromEntries(fields),
    Array.isArray(demanded) ? demanded : demanded(properties, required),
  )
}

/** Whether a field is served where nothing is set, too. */
export function isServedAlways(field: Schema | undefined): boolean {
  return field === undefined || !isBeyondKong(field)
}

/** Nobody has to write what has a default. */
export function undefaulted(
  properties: Readonly<Record<string, Schema>>,
  required: readonly string[],
): readonly string[] {
  return required.filter((name) => properties[name]?.default === undefined)
}

/** Choices between fields hold for what is written as a whole; choices of types hold always. */
function choices({ properties, anyOf, oneOf, allOf, not, ...conditional }: Schema, side: Side) {
  if (properties === undefined) {
    return {
      ...(anyOf && { anyOf: anyOf.map((branch) => openApiSchema(branch, side)) }),
      ...(oneOf && { oneOf: oneOf.map((branch) => openApiSchema(branch, side)) }),
    }
  }
  if (side !== 'whole') return {}
  const { if: when, then: demand, else: otherwise } = conditional
  const rules = [
    ['anyOf', anyOf],
    ['oneOf', oneOf],
    ['allOf', allOf],
    ['not', not],
    ['if', when],
    ['then', demand],
    ['else', otherwise],
  ] as const
  return Object.fromEntries(rules.filter(([, rule]) => rule !== undefined))
}
