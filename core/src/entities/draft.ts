import { addError } from '@kong-ts/pdk/host'
import type { FieldErrors } from '../errors/entity-error.ts'
import { EntityError, schemaViolation } from '../errors/entity-error.ts'
import { printTable } from '../errors/print-table.ts'
import type { PlanContext } from './context.ts'
import type { Check, Definition, World } from './definition.ts'
import type { EntitySet } from './entity-set.ts'
import { fieldOf } from './fields.ts'
import type { Fields } from './fields.ts'
import { readReferences } from './read-reference.ts'
import { readRecord, reportInto } from './read-value.ts'
import { checkReferences, resolveReferences } from './resolve-references.ts'
import type { Row } from './rows.ts'

export interface Draft {
  readonly definition: Definition
  /** What was written, with the id. */
  readonly body: Fields
  /** What the client sent of it, where that is less. */
  readonly written?: Fields | undefined
  /** The row as it was, on PATCH: rules over unchanged fields are not asked again. */
  readonly before?: Row | undefined
  /** Ids that the same plan creates. */
  readonly pending?: readonly string[] | undefined
  /** The times that were written hold, `updated_at` too: the row is brought back as it was. */
  readonly restored?: true
}

/**
 * Makes a complete row of what was written, in Kong's order: references by name, shorthands, fields, rules over
 * fields, references by id, uniqueness.
 * @throws EntityError
 */
export function draftRow(set: EntitySet, context: PlanContext, draft: Draft): Row {
  const { definition, before } = draft
  const world = { set, context }
  const body = resolveReferences(set, definition, draft.body)
  const whole = definition.expand?.(body, world, draft.written ?? body) ?? body
  const stamp = stamped(context, definition, whole, draft.restored === true)
  const row = checkFields(world, definition, stamp, before)
  checkReferences(set, definition, row, draft.pending ?? [])
  checkUnique(set, definition, row)
  return row
}

/** `created_at` may be given, as clients that restore a backup do; `updated_at` is now unless all is restored. */
function stamped(
  context: PlanContext,
  { schema }: Definition,
  body: Fields,
  restored: boolean,
): Fields {
  const seconds = context.now() / 1000
  const now = schema.properties['updated_at']?.type === 'number' ? seconds : Math.floor(seconds)
  const { created_at: created, updated_at: updated } = body
  return { ...body, created_at: created ?? now, updated_at: restored ? (updated ?? now) : now }
}

function checkFields(
  world: World,
  definition: Definition,
  body: Fields,
  before: Row | undefined,
): Row & Fields {
  refuseUnknownKind(world, definition, body)
  const errors: FieldErrors = {}
  const { schema } = definition
  const report = reportInto(errors)
  const references = readReferences(definition, body, report)
  const unread = Object.fromEntries(Object.keys(references).map((name) => [name, {}]))
  const properties = { ...schema.properties, ...unread }
  const read = readRecord(schema, properties, { ...body, ...references }, [], report)
  const row = canRefine(definition, errors) ? refine(world, definition, read, errors) : read
  for (const check of definition.checks) {
    const sound = !check.on.some((field) => Object.hasOwn(errors, field))
    if (sound && isAffected(check, row, before)) collect(errors, check.fault(row, world) ?? {})
  }
  if (!isEmpty(errors)) throw schemaViolation(errors)
  return asRow(row)
}

/** @throws EntityError code 2 */
function refuseUnknownKind({ context }: World, { faultOfKind }: Definition, body: Fields): void {
  if (faultOfKind === undefined) return
  const name = body['name'] ?? null
  if (name === null) throw schemaViolation({ name: 'required field missing' })
  const fault = typeof name === 'string' ? faultOfKind(name, context) : undefined
  if (fault !== undefined) throw schemaViolation({ name: fault })
}

/** The configuration of a plugin can be wrong beside other fields: both are told at once. */
function canRefine({ kinds }: Definition, errors: FieldErrors): boolean {
  return isEmpty(errors) || (kinds !== undefined && !Object.hasOwn(errors, 'config'))
}

function refine(
  world: World,
  { refine: complete }: Definition,
  read: Fields,
  errors: FieldErrors,
): Fields {
  const refined = complete ? complete(read, world) : { ok: true as const, row: read }
  if (refined.ok) return refined.row
  collect(errors, refined.errors)
  return read
}

function isEmpty(errors: FieldErrors): boolean {
  return Object.keys(errors).length === 0
}

function collect(errors: FieldErrors, more: FieldErrors, path: readonly string[] = []): void {
  for (const [name, error] of Object.entries(more)) {
    if (typeof error === 'string') addError(errors, [...path, name], error)
    else if (Array.isArray(error)) for (const line of error) addError(errors, [...path, name], line)
    else collect(errors, error, [...path, name])
  }
}

function isAffected({ on }: Check, row: Fields, before: Row | undefined): boolean {
  if (before === undefined) return true
  return on.some((field) => JSON.stringify(row[field]) !== JSON.stringify(fieldOf(before, field)))
}

/** @throws EntityError code 5 */
function checkUnique(set: EntitySet, definition: Definition, row: Row): void {
  for (const key of definition.unique) {
    const holder = set.holder(definition.name, key, row)
    if (holder === undefined || holder.id === row.id) continue
    const values = Object.fromEntries(
      key.fields.map((field) => [field, fieldOf(row, field) ?? null]),
    )
    throw new EntityError(5, `UNIQUE violation detected on '${printTable(values)}'`, values)
  }
}

/** The schema of every entity has these fields, and the row has passed it. */
function asRow(row: Fields): Row & Fields {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return row as Row & Fields
}
