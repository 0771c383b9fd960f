import { EntityError } from '../errors/entity-error.ts'
import { printTable } from '../errors/print-table.ts'
import { definitions } from '../entities/definitions/index.ts'
import type { EntitySet } from '../entities/entity-set.ts'
import { isUuid, referredId } from '../entities/fields.ts'
import type { EntityName, Row } from '../entities/rows.ts'
import { HttpError } from './http-error.ts'

/**
 * The row that a segment of a path names: by id, by endpoint key, or by a key that the entity owns (a certificate by
 * one of its SNIs).
 * @throws EntityError code 1 for an entity that has nothing but its id, and a text that is none
 */
export function locate(set: EntitySet, entity: EntityName, text: string): Row | undefined {
  const { key, owned } = definitions[entity]
  if (isUuid(text) || key !== undefined) return set.find(entity, text)
  if (owned === undefined) {
    throw new EntityError(1, `invalid primary key: '${printTable({ id: text })}'`, { id: text })
  }
  const child = set.named(owned.entity, text)
  const id = child && referredId(child, owned.reference)
  return id === undefined ? undefined : set.get(entity, id)
}

/** @throws HttpError 404 */
export function locateOrFail(set: EntitySet, entity: EntityName, text: string): Row {
  const row = locate(set, entity, text)
  if (row === undefined) throw notFound(entity, text)
  return row
}

/** What is said of a row that is not there. */
export function notFound(entity: EntityName, text: string): HttpError {
  const { owned } = definitions[entity]
  return new HttpError(404, owned && !isUuid(text) ? owned.unknown : 'Not found')
}
