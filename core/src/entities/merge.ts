import type { Schema } from '@kong-ts/pdk'
import type { Fields } from './fields.ts'
import { isFields } from './fields.ts'

/**
 * Records merge; maps, lists and values are replaced, and so are the fields in `whole`. Answers with a new record.
 * @param schema of the record: it tells records from maps
 */
export function merge(
  schema: Schema,
  before: Fields,
  patch: Fields,
  whole: readonly string[] = [],
): Fields {
  const merged = Object.entries(patch).map(([name, value]) => {
    const old = Object.hasOwn(before, name) ? before[name] : undefined
    const field = recordAt(schema, name)
    const deep = field && isFields(old) && isFields(value) && !whole.includes(name)
    return [name, deep ? merge(field, old, value) : value]
  })
  return { ...before, ...Object.fromEntries(merged) }
}

function recordAt({ properties = {} }: Schema, name: string): Schema | undefined {
  const field = Object.hasOwn(properties, name) ? properties[name] : undefined
  return field?.properties && field
}
