import type { Schema } from '@kong-ts/pdk'
import { isFields, isUuid } from './fields.ts'

/** In a plugin's schema: a string that is a CA certificate in PEM, or the id of one that is kept. */
const format = 'ca_certificate'

/** An id in a plugin's configuration, and where it stands; positions in arrays count from one. */
export interface AuthorityReference {
  readonly path: readonly string[]
  readonly id: string
}

/** The CA certificates that a configuration names by their ids. */
export function authorityReferences(
  schema: Schema,
  value: unknown,
  path: readonly string[] = [],
): readonly AuthorityReference[] {
  if (typeof value === 'string')
    return isReference(schema, value) ? [{ path, id: idOf(value) }] : []
  if (Array.isArray(value)) {
    const { items } = schema
    if (items === undefined) return []
    return value.flatMap((item, at) => authorityReferences(items, item, [...path, String(at + 1)]))
  }
  if (!isFields(value)) return []
  return Object.entries(value).flatMap(([name, item]) => {
    const field = fieldOf(schema, name)
    return field ? authorityReferences(field, item, [...path, name]) : []
  })
}

/** The configuration with the certificates in place of their ids; `find` answers for every id there is. */
export function withAuthorities(
  schema: Schema,
  value: unknown,
  find: (id: string) => string | undefined,
): unknown {
  if (typeof value === 'string') {
    return isReference(schema, value) ? (find(idOf(value)) ?? value) : value
  }
  if (Array.isArray(value)) {
    const { items } = schema
    return items ? value.map((item: unknown) => withAuthorities(items, item, find)) : value
  }
  if (!isFields(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => {
      const field = fieldOf(schema, name)
      return [name, field ? withAuthorities(field, item, find) : item]
    }),
  )
}

function isReference(schema: Schema, value: string): boolean {
  return schema.format === format && isUuid(value)
}

function idOf(value: string): string {
  return value.toLowerCase()
}

function fieldOf({ properties, additionalProperties }: Schema, name: string): Schema | undefined {
  if (properties && Object.hasOwn(properties, name)) return properties[name]
  return typeof additionalProperties === 'object' ? additionalProperties : undefined
}
