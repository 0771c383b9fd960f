import { isDeepStrictEqual } from 'node:util'
import { entityNames } from './definitions/index.ts'
import { deleteChange, putChange, type EntitySet } from './entity-set.ts'
import type { Change, EntityName, Row, Snapshot } from './rows.ts'

type AllRows = Snapshot['rows']

/** The changes that lead from one configuration to another. */
export function differences(before: AllRows, after: AllRows): readonly Change[] {
  return entityNames.flatMap((entity) => between(entity, before[entity], after[entity]))
}

/** The changes that lead from nothing to a configuration. */
export function everyRow(rows: AllRows): readonly Change[] {
  return entityNames.flatMap((entity) => rows[entity].map((row) => putChange(entity, row)))
}

function between(
  entity: EntityName,
  before: readonly Row[],
  after: readonly Row[],
): readonly Change[] {
  const old = new Map(before.map((row) => [row.id, row]))
  const changes: Change[] = []
  for (const row of after) {
    if (!isDeepStrictEqual(old.get(row.id), row)) changes.push(putChange(entity, row))
    old.delete(row.id)
  }
  return [...changes, ...[...old.keys()].map((id) => deleteChange(entity, id))]
}

/** The changes that would take others back, while those have not been made yet. */
export function inverse(set: EntitySet, changes: readonly Change[]): readonly Change[] {
  const seen = new Set<string>()
  return changes.flatMap((change) => {
    const { entity } = change
    const id = change.op === 'put' ? change.row.id : change.id
    const key = `${entity}:${id}`
    if (seen.has(key)) return []
    seen.add(key)
    const before = set.get(entity, id)
    return [before ? putChange(entity, before) : deleteChange(entity, id)]
  })
}
