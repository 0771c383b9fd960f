import { definitions, isEntityName, referrersOf } from '../entities/definitions/index.ts'
import type { EntitySet } from '../entities/entity-set.ts'
import { referredId } from '../entities/fields.ts'
import type { Change, Row } from '../entities/rows.ts'

/**
 * What a database would refuse of changes that `act` makes in a set: a reference to nothing, a name twice. Planners
 * have checked it before; this keeps a fault of theirs out of what is kept.
 * @returns why not, once the changes are made
 */
export function faultOfChanges(
  set: EntitySet,
  changes: readonly Change[],
  act: () => void,
): string | undefined {
  const holders = changes.flatMap((change) => (change.op === 'put' ? holdersOf(set, change) : []))
  act()
  const twin = holders.find(({ holder, values, entity, key }) => {
    const now: Row | undefined = set.get(entity, holder)
    return now !== undefined && valuesOf(key.fields, now) === values
  })
  if (twin) return `UNIQUE constraint failed: ${twin.entity} ${twin.key.fields.join(', ')}`
  for (const change of changes) {
    const fault = change.op === 'put' ? faultOfPut(set, change) : faultOfDelete(set, change)
    if (fault !== undefined) return fault
  }
  return undefined
}

type Put = Extract<Change, { op: 'put' }>
type Delete = Extract<Change, { op: 'delete' }>

/** Who else has a name of the row by now. */
function holdersOf(set: EntitySet, { entity, row }: Put) {
  return definitions[entity].unique.flatMap((key) => {
    const holder = set.holder(entity, key, row)?.id
    if (holder === undefined || holder === row.id) return []
    return [{ entity, key, holder, values: valuesOf(key.fields, row) }]
  })
}

function valuesOf(fields: readonly string[], row: Row): string {
  const all = new Map<string, unknown>(Object.entries(row))
  return JSON.stringify(fields.map((field) => all.get(field) ?? null))
}

function faultOfPut(set: EntitySet, { entity, row }: Put): string | undefined {
  if (set.get(entity, row.id) !== row) return undefined
  const { unique, references } = definitions[entity]
  const taken = unique.find((key) => (set.holder(entity, key, row)?.id ?? row.id) !== row.id)
  if (taken) return `UNIQUE constraint failed: ${entity} ${taken.fields.join(', ')}`
  const dangling = Object.entries(references).find(([field, { entity: to, many }]) => {
    const id = many || !isEntityName(to) ? undefined : referredId(row, field)
    return id !== undefined && isEntityName(to) && set.get(to, id) === undefined
  })
  return dangling && `FOREIGN KEY constraint failed: ${entity} ${row.id}, ${dangling[0]}`
}

function faultOfDelete(set: EntitySet, { entity, id }: Delete): string | undefined {
  if (set.get(entity, id)) return undefined
  const left = referrersOf(entity).find(
    ({ definition: { name }, field, rule }) =>
      !rule.many && set.list(name, { size: 1, where: { field, id } }).rows.length > 0,
  )
  return left && `FOREIGN KEY constraint failed: ${left.definition.name} refers to ${entity} ${id}`
}
