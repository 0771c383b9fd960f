import type { Schema } from '@kong-ts/pdk'
import { EntityError } from '../errors/entity-error.ts'
import { printTable } from '../errors/print-table.ts'
import { carryOver, withoutCarried } from './carried.ts'
import type { PlanContext } from './context.ts'
import type { Definition } from './definition.ts'
import { definitions } from './definitions/index.ts'
import { draftRow } from './draft.ts'
import type { EntitySet } from './entity-set.ts'
import { putChange } from './entity-set.ts'
import { fieldOf, isUuid } from './fields.ts'
import type { Fields } from './fields.ts'
import { merge } from './merge.ts'
import { planOwned } from './owned-list.ts'
import { present } from './present.ts'
import type { Change, EntityName, Row } from './rows.ts'

/** What a write would change, and what it answers; nothing has happened yet. */
export interface Plan<R> {
  readonly changes: readonly Change[]
  readonly result: R
}

/** POST: a new row; defaults for what is left out. @throws EntityError */
export function planCreate(
  set: EntitySet,
  context: PlanContext,
  entity: EntityName,
  body: Fields,
): Plan<Fields> {
  const id = body['id'] ?? context.uuid()
  if (typeof id === 'string' && set.get(entity, id.toLowerCase())) {
    throw new EntityError(3, `primary key violation on key '${printTable({ id })}'`, { id })
  }
  return planRow(set, context, entity, { ...body, id: lower(id) })
}

/**
 * PUT: the row at an id or endpoint key becomes what is written, with defaults for what is left out; it is created
 * if it is not there, under a new id when it was named by its key.
 * @throws EntityError
 */
export function planReplace(
  set: EntitySet,
  context: PlanContext,
  entity: EntityName,
  at: string,
  body: Fields,
): Plan<Fields> {
  const { key, owned } = definitions[entity]
  const before = set.find(entity, at)
  const nothing = owned && { [owned.field]: null }
  const whole = { ...nothing, ...body, created_at: birthday(body, before) }
  if (isUuid(at)) return planRow(set, context, entity, { ...whole, id: lower(at) })
  if (key === undefined) throw invalidKey()
  const id = before?.id ?? context.uuid()
  return planRow(set, context, entity, { ...whole, id, [key]: at })
}

/** PATCH: records merge, null clears. @throws EntityError, code 6 when there is no such row */
export function planPatch(
  set: EntitySet,
  context: PlanContext,
  entity: EntityName,
  at: string,
  body: Fields,
): Plan<Fields> {
  const definition = definitions[entity]
  const before = set.find(entity, at)
  if (before === undefined) {
    throw new EntityError(6, `could not find the entity with '${printTable(named(entity, at))}'`)
  }
  const references = Object.keys(definition.references)
  const schema = schemaOf(definition, context, body['name'] ?? fieldOf(before, 'name'))
  const written = withoutCarried(entity, before)
  const merged = merge(schema, written, body, references)
  const row = { ...merged, id: before.id, created_at: birthday(body, before) }
  return planRow(set, context, entity, row, { before, written: body })
}

/** The shape of a row, down to the fields that its kind brings. */
function schemaOf({ schema, kinds }: Definition, context: PlanContext, name: unknown): Schema {
  const kind = Object.entries(kinds?.(context) ?? {}).find(([known]) => known === name)
  if (kind === undefined) return schema
  return { ...schema, properties: { ...schema.properties, config: kind[1] } }
}

function planRow(
  set: EntitySet,
  context: PlanContext,
  entity: EntityName,
  body: Fields,
  patch?: { readonly before: Row; readonly written: Fields },
): Plan<Fields> {
  const definition = definitions[entity]
  const { owned } = definition
  const { [owned?.field ?? '']: keys, ...own } = body
  const draft = draftRow(set, context, { definition, body: owned ? own : body, ...patch })
  const row = carryOver(entity, set.get(entity, draft.id), draft)
  const changes = [putChange(entity, row)]
  const served = definition.serve?.({ ...row }, context) ?? { ...row }
  if (owned === undefined) return { changes, result: served }
  if (keys === undefined) return { changes, result: present(set, context, entity, row) }
  const list = planOwned(set, context, owned, row.id, keys)
  return {
    changes: [...changes, ...list.changes],
    result: { ...served, [owned.field]: list.keys },
  }
}

/** A row keeps its own unless another one is written. */
function birthday(body: Fields, before: Row | undefined): unknown {
  return body['created_at'] ?? before?.created_at
}

function lower(id: unknown): unknown {
  return typeof id === 'string' ? id.toLowerCase() : id
}

function named(entity: EntityName, at: string): Fields {
  return { [isUuid(at) ? 'id' : (definitions[entity].key ?? 'id')]: at }
}

/** A text that names nothing, where an id alone can. */
export function invalidKey(): EntityError {
  const fault = { id: 'expected a valid UUID' }
  return new EntityError(1, `invalid primary key: '${printTable(fault)}'`, fault)
}
