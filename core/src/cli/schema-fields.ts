import type { Schema } from '@kong-ts/pdk'

/** A field of a plugin's configuration, in words. */
export interface SchemaField {
  /** With the names of the objects around it, as in `redis.host` and `hooks[].url`. */
  readonly name: string
  readonly type: string
  /** The default as JSON, `required`, or `-`. */
  readonly fallback: string
  readonly meaning: string
}

/** A field after the other; those of an object, and of the objects in a list, follow it. */
export function schemaFields(schema: Schema, prefix = ''): readonly SchemaField[] {
  const required = new Set(schema.required)
  return Object.entries(schema.properties ?? {}).flatMap(([key, field]) => {
    const name = `${prefix}${key}`
    const row = {
      name,
      type: typeOf(field),
      fallback: fallbackOf(field, required.has(key)),
      meaning: field.description ?? '',
    }
    const inner =
      field.items === undefined
        ? schemaFields(field, `${name}.`)
        : schemaFields(field.items, `${name}[].`)
    return [row, ...inner]
  })
}

function fallbackOf(field: Schema, required: boolean): string {
  if (field.default !== undefined) return JSON.stringify(field.default)
  return required ? 'required' : '-'
}

function typeOf(schema: Schema): string {
  if (schema.const !== undefined) return JSON.stringify(schema.const)
  if (schema.enum !== undefined) return schema.enum.map((each) => JSON.stringify(each)).join(' | ')
  if (typeof schema.additionalProperties === 'object') {
    return `map to ${typeOf(schema.additionalProperties)}`
  }
  if (schema.items !== undefined) return `list of ${typeOf(schema.items)}`
  return [schema.type ?? 'any', ...limitsOf(schema)].join(' ')
}

const limits = [
  ['format', ''],
  ['minimum', '>= '],
  ['maximum', '<= '],
  ['exclusiveMinimum', '> '],
  ['exclusiveMaximum', '< '],
  ['minLength', 'length >= '],
  ['maxLength', 'length <= '],
] as const satisfies readonly (readonly [keyof Schema, string])[]

function limitsOf(schema: Schema): string[] {
  const given = limits.flatMap(([key, sign]) => {
    const limit = schema[key]
    return limit === undefined ? [] : [`${sign}${limit}`]
  })
  return given.length === 0 ? [] : [`(${given.join(', ')})`]
}
