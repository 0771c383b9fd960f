import type { UniqueKey } from '../../entities/definition.ts'
import { definitions } from '../../entities/definitions/index.ts'
import type { EntitySet } from '../../entities/entity-set.ts'
import type { EntityName, Row } from '../../entities/rows.ts'
import { HttpError } from '../http-error.ts'

/**
 * The one row, or none, that a list is asked for by a unique field that is no endpoint key: a consumer by its
 * `custom_id`. Undefined when the query names no such field.
 * @throws HttpError 400 for an empty value, or more than one
 */
export function lookUp(
  set: EntitySet,
  entity: EntityName,
  query: URLSearchParams,
): readonly Row[] | undefined {
  const key = otherKey(entity)
  if (key === undefined || !query.has(key.fields[0])) return undefined
  const [field] = key.fields
  const row = set.holder(entity, key, { [field]: readOne(query, field) })
  return row ? [row] : []
}

function readOne(query: URLSearchParams, name: string): string {
  const [value = '', ...more] = query.getAll(name)
  if (value !== '' && more.length === 0) return value
  throw new HttpError(400, `${name} must be an unempty string`)
}

function otherKey(entity: EntityName): UniqueKey | undefined {
  const { key, unique } = definitions[entity]
  if (key === undefined) return undefined
  return unique.find(({ fields: [field, ...more] }) => field !== key && more.length === 0)
}
