import { isDeepStrictEqual } from 'node:util'
import { carryOver } from '../entities/carried.ts'
import type { PlanContext } from '../entities/context.ts'
import type { EntitySet } from '../entities/entity-set.ts'
import { deleteChange, putChange } from '../entities/entity-set.ts'
import { definitions } from '../entities/definitions/index.ts'
import { fieldOf } from '../entities/fields.ts'
import type { Fields } from '../entities/fields.ts'
import type { Plan } from '../entities/plan.ts'
import type { Change, EntityName, Row } from '../entities/rows.ts'
import { EntityError } from '../errors/entity-error.ts'
import type { FieldErrors } from '../errors/entity-error.ts'
import { printTable } from '../errors/print-table.ts'
import { DeclarativeError } from './declarative-error.ts'
import { draftRows } from './draft-rows.ts'
import type { Flaw } from './draft-rows.ts'
import { FaultTree } from './fault-tree.ts'
import { flattenErrors } from './flatten-errors.ts'
import { readDocument } from './read-document.ts'
import type { Item } from './read-document.ts'
import { inOrder } from './shape.ts'

/** A document that has been found right: the complete rows of its entities. */
export interface Declaration {
  readonly rows: EntitySet
  readonly items: readonly Item[]
}

/**
 * Reads a whole document, pausing often.
 * @throws DeclarativeError with everything that is wrong with it
 */
export function* declare(
  document: Fields,
  context: PlanContext,
): Generator<undefined, Declaration> {
  const faults = new FaultTree()
  const items = readDocument(document, faults)
  const left = faults.toJSON()
  const { rows, flaws } = yield* draftRows(items, context)
  for (const flaw of flaws) faults.add(flaw.place, toldOf(flaw))
  if (faults.isEmpty) return { rows, items }
  throw new DeclarativeError(faults.toJSON(), () => ({ left, errors: flattenErrors(flaws) }))
}

/**
 * What leads from a configuration to a declared one. Rows that stay as they are are not touched, whenever they were
 * made; the rows that the document does not have go.
 */
export function planDeclaration(set: EntitySet, declaration: Declaration): Plan<EntitySet> {
  const { rows } = declaration
  const gone = inOrder
    .toReversed()
    .flatMap((entity) =>
      idsOf(set, entity).flatMap((id) => (rows.get(entity, id) ? [] : [deleteChange(entity, id)])),
    )
  const puts = putsOf(set, declaration)
  return { changes: [...gone, ...puts], result: rows }
}

/**
 * What adds a declaration to a configuration, row by row over those with the same ids; nothing goes.
 * @throws EntityError code 5 when a row that stays has a name of a new one
 */
export function planImport(set: EntitySet, declaration: Declaration): Plan<EntitySet> {
  const { rows } = declaration
  const changes = putsOf(set, declaration)
  for (const change of changes) if (change.op === 'put') refuseTaken(set, rows, change)
  return { changes, result: rows }
}

function putsOf(set: EntitySet, { rows, items }: Declaration): readonly Change[] {
  const written = new Map(items.map(({ entity, id, body }) => [`${entity} ${id}`, body]))
  return inOrder.flatMap((entity) =>
    rows.list(entity, { size: Infinity }).rows.flatMap((row) => {
      const before: Row | undefined = set.get(entity, row.id)
      const kept = carryOver(entity, before, row)
      const after = continued(before, kept, written.get(`${entity} ${row.id}`) ?? {})
      return after === before ? [] : [putChange(entity, after)]
    }),
  )
}

/** A row keeps its birthday, and, as long as nothing else changes, the time of its last change. */
function continued(before: Row | undefined, row: Row, written: Fields): Row {
  if (before === undefined) return row
  const born = {
    ...row,
    created_at: given(written, 'created_at') ? row.created_at : before.created_at,
  }
  const same = given(written, 'updated_at') ? born : { ...born, updated_at: before.updated_at }
  return isDeepStrictEqual(same, before) ? before : born
}

function given(written: Fields, field: string): boolean {
  return (fieldOf(written, field) ?? null) !== null
}

function idsOf(set: EntitySet, entity: EntityName): readonly string[] {
  return set.list(entity, { size: Infinity }).rows.map(({ id }) => id)
}

function refuseTaken(
  set: EntitySet,
  rows: EntitySet,
  { entity, row }: Extract<Change, { op: 'put' }>,
): void {
  for (const key of definitions[entity].unique) {
    const holder = set.holder(entity, key, row)
    if (holder === undefined || holder.id === row.id || rows.get(entity, holder.id)) continue
    const values = Object.fromEntries(key.fields.map((field) => [field, fieldOf(row, field)]))
    throw new EntityError(5, `UNIQUE violation detected on '${printTable(values)}'`, values)
  }
}

/** Kong tells a twin in one text, and lists what is not there. */
function toldOf({ kind, errors }: Flaw): FieldErrors | string | readonly string[] {
  if (kind === 'fields') return errors
  const texts = Object.values(errors)
    .flatMap((error) => error)
    .map(String)
  return kind === 'twin' ? texts.join('; ') : texts
}
