import { EntityError } from '../../errors/entity-error.ts'
import type { FieldErrors } from '../../errors/entity-error.ts'
import type { Definition } from '../../entities/definition.ts'
import { definitions } from '../../entities/definitions/index.ts'
import type { EntitySet } from '../../entities/entity-set.ts'
import { isUuid, referredId } from '../../entities/fields.ts'
import type { Fields } from '../../entities/fields.ts'
import { invalidKey } from '../../entities/plan.ts'
import { readValue, reportInto } from '../../entities/read-value.ts'
import type { EntityName, Row } from '../../entities/rows.ts'
import type { Call, Parent } from '../endpoint.ts'
import { HttpError } from '../http-error.ts'

/**
 * The row that a segment of a path names: by id, by endpoint key, or by a key that the entity owns (a certificate by
 * one of its SNIs).
 * @throws EntityError code 1 for an entity that has nothing but its id, and a text that is none; code 10 for a text
 *   that can be nothing's key
 */
export function locate(set: EntitySet, entity: EntityName, text: string): Row | undefined {
  const definition = definitions[entity]
  const { key, owned } = definition
  if (isUuid(text)) return set.get(entity, text.toLowerCase())
  if (key !== undefined) return set.named(entity, checkedKey(definition, key, text))
  if (owned === undefined) throw invalidKey()
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

/**
 * The row of a path, below a parent or at the top.
 * @throws HttpError 404 when there is no such parent, or the row is another one's: it does not exist here
 */
export function locateChild(
  set: EntitySet,
  entity: EntityName,
  parent: Parent | undefined,
  { parent: above = '', item: text = '' }: Call['params'],
): Row | undefined {
  if (parent === undefined) return locate(set, entity, text)
  const owner = locateOrFail(set, parent.entity, above)
  const row = locateBelow(set, definitions[entity], owner.id, text)
  if (row && referredId(row, parent.field) !== owner.id) throw notFound(entity, text)
  return row
}

/** What refers to the parent of a path; nothing at the top. @throws HttpError 404 */
export function parentReference(
  set: EntitySet,
  parent: Parent | undefined,
  { parent: above = '' }: Call['params'],
): Fields {
  return parent ? { [parent.field]: { id: locateOrFail(set, parent.entity, above).id } } : {}
}

/** What is said of a row that is not there. */
export function notFound(entity: EntityName, text: string): HttpError {
  const { owned } = definitions[entity]
  return new HttpError(404, owned && !isUuid(text) ? owned.unknown : 'Not found')
}

/** The key of a part is unique within what it is a part of, and may be written in several ways. */
function locateBelow(
  set: EntitySet,
  definition: Definition,
  owner: string,
  text: string,
): Row | undefined {
  const { name, key, partOf, unique, canonicalKey } = definition
  if (isUuid(text) || key === undefined || partOf === undefined) return locate(set, name, text)
  const both = unique.find(({ fields }) => fields.includes(key) && fields.includes(partOf))
  const value = canonicalKey?.(text) ?? text
  return both && set.holder(name, both, { [key]: value, [partOf]: { id: owner } })
}

function checkedKey({ schema }: Definition, key: string, text: string): string {
  const errors: FieldErrors = {}
  readValue(schema.properties[key] ?? {}, text, [key], reportInto(errors))
  const fault = errors[key]
  if (typeof fault === 'string') throw new EntityError(10, fault, { [key]: fault })
  return text
}
