import type { Schema } from '@kong-ts/pdk'

const known = new WeakSet<Schema>()

/**
 * Marks a field that Kong does not have. Where nothing is set it is left out instead of null, so that Kong's clients
 * meet exactly the fields that they know.
 */
export function beyondKong<S extends Schema>(schema: S): S {
  known.add(schema)
  return schema
}

export function isBeyondKong(schema: Schema): boolean {
  return known.has(schema)
}
