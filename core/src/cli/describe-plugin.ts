import type { Schema } from '@kong-ts/pdk'
import type { PluginListing } from '../node/control-contract.ts'
import { table } from './table.ts'

/** A plugin with its configuration, field by field, for people to read. */
export function describePlugin(
  listing: PluginListing,
  options: { readonly styled: boolean },
): string {
  const fields = fieldsOf(listing.schema, '')
  return [
    `${listing.name} ${listing.version}`,
    ...(listing.description === '' ? [] : [listing.description]),
    '',
    `priority   ${listing.priority}`,
    `phases     ${listing.phases.join(', ')}`,
    `protocols  ${listing.protocols.join(', ')}`,
    `from       ${listing.from}`,
    '',
    fields.length === 0
      ? 'It has nothing to configure.'
      : table(['CONFIG', 'TYPE', 'DEFAULT', 'MEANING'], fields, options),
  ].join('\n')
}

type Row = [name: string, type: string, fallback: string, meaning: string]

/** A row for each field; the fields of an object, and of the objects in a list, follow it. */
function fieldsOf(schema: Schema, prefix: string): Row[] {
  const required = new Set(schema.required)
  return Object.entries(schema.properties ?? {}).flatMap(([key, field]) => {
    const name = `${prefix}${key}`
    const row: Row = [
      name,
      typeOf(field),
      fallbackOf(field, required.has(key)),
      field.description ?? '',
    ]
    const inner =
      field.items === undefined ? fieldsOf(field, `${name}.`) : fieldsOf(field.items, `${name}[].`)
    return [row].concat(inner)
  })
}

function fallbackOf(field: Schema, required: boolean): string {
  if (field.default !== undefined) return JSON.stringify(field.default)
  return required ? 'required' : '-'
}

function typeOf(schema: Schema): string {
  if (schema.const !== undefined) return JSON.stringify(schema.const)
  if (schema.enum !== undefined) return schema.enum.map((each) => JSON.stringify(each)).join(' | ')
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
