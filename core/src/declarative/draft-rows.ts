import { entityKey } from '@kong-ts/pdk/host'
import type { PlanContext } from '../entities/context.ts'
import { definitions } from '../entities/definitions/index.ts'
import { draftRow } from '../entities/draft.ts'
import { EntitySet, putChange } from '../entities/entity-set.ts'
import { fieldOf } from '../entities/fields.ts'
import type { EntityName, Row } from '../entities/rows.ts'
import { EntityError } from '../errors/entity-error.ts'
import type { FieldErrors } from '../errors/entity-error.ts'
import type { Place } from './fault-tree.ts'
import type { Item } from './read-document.ts'
import { link, Names } from './references.ts'
import type { Linked } from './references.ts'
import { inOrder, keyOf } from './shape.ts'

/** What is wrong with one entity of a document. */
export interface Flaw {
  readonly item: Item
  /** Where Kong tells it. */
  readonly place: Place
  /** In its fields, in what it refers to, or that there is another one like it. */
  readonly kind: 'fields' | 'reference' | 'twin'
  readonly errors: FieldErrors
}

export interface Drafted {
  /** The complete rows; they mean nothing when there is a flaw. */
  readonly rows: EntitySet
  readonly flaws: readonly Flaw[]
}

/** Rows between two pauses. */
const stretch = 50

/**
 * Makes complete rows of the entities of a document, by the definitions and checks of the Admin API. It pauses often,
 * so that connections in this process go on meanwhile.
 */
export function* draftRows(
  items: readonly Item[],
  context: PlanContext,
): Generator<undefined, Drafted> {
  const names = new Names(items)
  const rows = EntitySet.empty()
  const flaws: Flaw[] = []
  const ofEntity = Map.groupBy(items, ({ entity }) => entity)
  let count = 0
  for (const entity of inOrder) {
    for (const item of ofEntity.get(entity) ?? []) {
      const linked = link(item, names)
      flaws.push(...referenceFlaws(item, linked), ...draftItem(item, linked, rows, context))
      if (++count % stretch === 0) yield
    }
  }
  return { rows, flaws }
}

function referenceFlaws(item: Item, { missing, faults }: Linked): readonly Flaw[] {
  const { entity, place } = item
  const malformed = Object.keys(faults).length > 0
  return [
    ...(malformed ? [{ item, place, kind: 'fields', errors: faults } as const] : []),
    ...missing.map(([field, message]) => {
      const errors = { [field]: message }
      return { item, place: [entity, nameOf(item)], kind: 'reference', errors } as const
    }),
  ]
}

function draftItem(
  item: Item,
  { body, referred }: Linked,
  rows: EntitySet,
  context: PlanContext,
): readonly Flaw[] {
  const { entity, place } = item
  const draft = {
    definition: definitions[entity],
    body,
    pending: referred,
    restored: true,
  } as const
  try {
    const row = draftRow(rows, context, draft)
    const twin = rows.get(entity, row.id)
    if (twin) return [flawOfTwin(item, sameKey(entity, row, twin) ?? ['primary key', row.id])]
    rows.apply([putChange(entity, row)])
    return []
  } catch (error) {
    if (!(error instanceof EntityError)) throw error
    if (error.code === 5) return [flawOfValues(item, error.details ?? {})]
    if (error.code !== 2) throw error
    return [{ item, place, kind: 'fields', errors: fieldErrors(error.details) }]
  }
}

/** Two rows that share their name share the id that is made of it: the name is what is wrong. */
function sameKey(entity: EntityName, row: Row, twin: Row): readonly [string, string] | undefined {
  const key = keyOf(entity)
  const value = key === undefined ? undefined : fieldOf(row, key)
  if (key === undefined || typeof value !== 'string') return undefined
  return fieldOf(twin, key) === value ? [key, value] : undefined
}

function flawOfTwin(
  item: Item,
  [what, value]: readonly [string, string],
  place: Place = item.place,
): Flaw {
  const message = `uniqueness violation: '${item.entity}' entity with ${what} set to '${value}' already declared`
  return { item, place, kind: 'twin', errors: { [entityKey]: [message] } }
}

/** Kong names the row where the key that is taken is not the one that names it. */
function flawOfValues(item: Item, values: Readonly<Record<string, unknown>>): Flaw {
  const fields = Object.keys(values)
  const text = Object.values(values).map(printed).join(', ')
  const isKey = fields.length === 1 && fields[0] === keyOf(item.entity)
  const place = isKey ? item.place : [item.entity, nameOf(item)]
  return flawOfTwin(item, [fields.join(', '), text], place)
}

function printed(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function nameOf({ entity, body, id }: Item): string {
  const { key = 'id' } = definitions[entity]
  const name = fieldOf(body, key)
  return typeof name === 'string' ? name : id
}

/** The details of code 2 are errors of fields by construction. */
function fieldErrors(details: EntityError['details']): FieldErrors {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return (details ?? {}) as FieldErrors
}
