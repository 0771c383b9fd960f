import { addError } from '@kong-ts/pdk/host'
import type { FieldErrors } from '../errors/entity-error.ts'
import { schemaViolation } from '../errors/entity-error.ts'
import type { PlanContext } from './context.ts'
import { definitions } from './definitions/index.ts'
import type { OwnedList } from './definition.ts'
import { draftRow } from './draft.ts'
import type { EntitySet } from './entity-set.ts'
import { deleteChange, putChange } from './entity-set.ts'
import { fieldOf, referredId, stringsIn } from './fields.ts'
import { readValue, reportInto } from './read-value.ts'
import type { Change, Row } from './rows.ts'

/** The keys that an entity owns, in order: what its list shows. */
export function ownedKeys(set: EntitySet, owned: OwnedList, id: string): readonly string[] {
  return owners(set, owned, id)
    .map((row) => keyOf(owned, row))
    .toSorted()
}

/**
 * The changes that make `keys` the list of an entity: new ones are created, those left out are deleted.
 * @throws EntityError code 2 for a key that is malformed, twice in the list, or another entity's
 */
export function planOwned(
  set: EntitySet,
  context: PlanContext,
  owned: OwnedList,
  id: string,
  keys: unknown,
): { readonly changes: readonly Change[]; readonly keys: readonly string[] } {
  // One alone needs no list around it.
  const wanted = readKeys(set, owned, id, typeof keys === 'string' ? [keys] : (keys ?? []))
  const present = owners(set, owned, id)
  const staying = new Set(wanted)
  const leaving = present.filter((row) => !staying.has(keyOf(owned, row)))
  const known = new Set(present.map((row) => keyOf(owned, row)))
  const created = wanted
    .filter((key) => !known.has(key))
    .map((key) =>
      draftRow(set, context, {
        definition: definitions[owned.entity],
        body: { id: context.uuid(), [owned.key]: key, [owned.reference]: { id } },
        pending: [id],
      }),
    )
  return {
    changes: [
      ...leaving.map((row) => deleteChange(owned.entity, row.id)),
      ...created.map((row) => putChange(owned.entity, row)),
    ],
    keys: wanted.toSorted(),
  }
}

function readKeys(set: EntitySet, owned: OwnedList, id: string, keys: unknown): readonly string[] {
  const errors: FieldErrors = {}
  const items = definitions[owned.entity].schema.properties[owned.key] ?? {}
  const read = readValue({ type: 'array', items }, keys, [owned.field], reportInto(errors))
  const wanted = stringsIn(read)
  const fault = Object.keys(errors).length === 0 ? faultOfKeys(set, owned, id, wanted) : undefined
  if (fault !== undefined) addError(errors, [owned.field], fault)
  if (Object.keys(errors).length > 0) throw schemaViolation(errors)
  return wanted
}

function faultOfKeys(
  set: EntitySet,
  owned: OwnedList,
  id: string,
  keys: readonly string[],
): string | undefined {
  const seen = new Set<string>()
  for (const key of keys) {
    if (seen.has(key)) return `${key} is duplicated`
    seen.add(key)
    const holder = set.named(owned.entity, key)
    const owner = holder && referredId(holder, owned.reference)
    if (owner !== undefined && owner !== id) {
      return `${key} already associated with existing certificate '${owner}'`
    }
  }
  return undefined
}

function owners(set: EntitySet, owned: OwnedList, id: string): readonly Row[] {
  return set.children(owned.entity, owned.reference, id)
}

function keyOf(owned: OwnedList, row: Row): string {
  return String(fieldOf(row, owned.key))
}
