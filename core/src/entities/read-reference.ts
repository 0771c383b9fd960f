import type { ObjectSchema, Schema } from '@kong-ts/pdk'
import { definitions, isEntityName } from './definitions/index.ts'
import type { Definition, ReferenceRule } from './definition.ts'
import type { Fields } from './fields.ts'
import { isFields, isUuid } from './fields.ts'
import { readValue } from './read-value.ts'
import type { Report } from './read-value.ts'

/**
 * Checks what was written as references. A client may send the whole entity that it refers to: the id is what stays.
 * Without one that is right its other fields are checked as that entity's, for they may say what is meant.
 */
export function readReferences(definition: Definition, body: Fields, report: Report): Fields {
  const read = Object.entries(definition.references)
    .filter(([, { many }]) => !many)
    .map(([field, rule]) => [field, readReference(field, rule, body[field] ?? null, report)])
  return Object.fromEntries(read)
}

function readReference(
  field: string,
  rule: ReferenceRule,
  value: unknown,
  report: Report,
): unknown {
  if (value === null) return null
  if (!isFields(value)) {
    report([field, 'id'], 'missing primary key')
    return {}
  }
  const { id, ...others } = value
  const fault = faultOfId(id)
  if (fault === undefined) return { id: String(id).toLowerCase() }
  if (!hasFaults(rule, others, [field], report)) report([field, 'id'], fault)
  return {}
}

function faultOfId(id: unknown): string | undefined {
  if (id === undefined) return 'missing primary key'
  if (id === null) return 'required field missing'
  if (typeof id !== 'string') return 'expected a string'
  return isUuid(id) ? undefined : 'expected a valid UUID'
}

function hasFaults(
  { entity }: ReferenceRule,
  others: Fields,
  at: readonly string[],
  report: Report,
): boolean {
  const { schema, owned } = isEntityName(entity) ? definitions[entity] : {}
  let found = false
  const note: Report = (path, fault) => {
    found = true
    report(path, fault)
  }
  for (const [name, value] of Object.entries(others)) {
    const field = fieldNamed(schema, name)
    if (field && value !== null) readValue(field, value, [...at, name], note)
    if (!field && name !== owned?.field) note([...at, name], 'unknown field')
  }
  return found
}

function fieldNamed(schema: ObjectSchema | undefined, name: string): Schema | undefined {
  return schema && Object.hasOwn(schema.properties, name) ? schema.properties[name] : undefined
}
