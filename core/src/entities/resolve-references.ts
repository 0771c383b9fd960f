import { EntityError } from '../errors/entity-error.ts'
import { printTable } from '../errors/print-table.ts'
import type { Definition, ReferenceRule } from './definition.ts'
import { definitions, isEntityName } from './definitions/index.ts'
import type { EntitySet } from './entity-set.ts'
import { fieldOf, isFields, referredId } from './fields.ts'
import type { Fields } from './fields.ts'
import type { EntityName } from './rows.ts'

/**
 * Replaces references by name, `{ "name": "x" }`, by references by id.
 * @throws EntityError code 13 when a name is unknown
 */
export function resolveReferences(set: EntitySet, definition: Definition, body: Fields): Fields {
  const resolved = Object.entries(definition.references)
    .filter(([field, rule]) => !rule.many && Object.hasOwn(body, field) && isFields(body[field]))
    .map(([field, rule]) => [field, resolve(set, field, rule, body[field])])
  return resolved.length === 0 ? body : { ...body, ...Object.fromEntries(resolved) }
}

function resolve(set: EntitySet, field: string, rule: ReferenceRule, value: unknown): unknown {
  if (!isFields(value)) return value
  if (Object.hasOwn(value, 'id')) return value
  const key = isEntityName(rule.entity) ? definitions[rule.entity].key : undefined
  const name = key && fieldOf(value, key)
  return isEntityName(rule.entity) && typeof name === 'string'
    ? byName(set, field, rule.entity, name)
    : value
}

/** A key that looks like a UUID is still a key here. */
function byName(set: EntitySet, field: string, entity: EntityName, name: string): Fields {
  const found = set.named(entity, name)
  if (found) return { id: found.id }
  const { key = 'id' } = definitions[entity]
  const fault = `the foreign key cannot be resolved with '${printTable({ [key]: name })}' for an existing '${entity}' entity`
  throw new EntityError(13, `foreign key unresolved (${field}.${key}: ${fault})`, {
    [field]: { [key]: fault },
  })
}

/**
 * Checks that every reference names a row.
 * @param pending ids that the same plan creates
 * @throws EntityError code 4
 */
export function checkReferences(
  set: EntitySet,
  definition: Definition,
  row: Fields,
  pending: readonly string[],
): void {
  for (const [field, rule] of Object.entries(definition.references)) {
    const id = rule.many ? undefined : referredId(row, field)
    if (id === undefined || pending.includes(id) || exists(set, rule.entity, id)) continue
    const message = `the foreign key '${printTable({ id })}' does not reference an existing '${rule.entity}' entity.`
    throw new EntityError(4, message, { [field]: { id } })
  }
}

function exists(set: EntitySet, entity: string, id: string): boolean {
  return isEntityName(entity) && set.get(entity, id) !== undefined
}
