import { EntityError } from '../errors/entity-error.ts'
import { referrersOf } from './definitions/index.ts'
import type { Referrer } from './definitions/index.ts'
import type { EntitySet } from './entity-set.ts'
import { deleteChange } from './entity-set.ts'
import { stringsIn } from './fields.ts'
import type { Plan } from './plan.ts'
import type { Change, EntityName } from './rows.ts'

/**
 * DELETE: the row and what hangs on it; result false, and no change, when there is no such row.
 * @throws EntityError code 4 or 19 while a row that may not go refers to one of them
 */
export function planDelete(set: EntitySet, entity: EntityName, at: string): Plan<boolean> {
  const row = set.find(entity, at)
  if (row === undefined) return { changes: [], result: false }
  return { changes: removal(set, entity, row.id), result: true }
}

/** Children go before their parent, each once. */
function removal(set: EntitySet, entity: EntityName, id: string): readonly Change[] {
  const referrers = referrersOf(entity)
  for (const referrer of referrers) {
    if (referrer.rule.onDelete === 'restrict') refuseWhileReferred(set, referrer, entity, id)
  }
  if (entity === 'ca_certificates') refuseWhileConfigured(set, id)
  const children = referrers.flatMap(({ definition: { name }, field }) =>
    set.children(name, field, id).flatMap((child) => removal(set, name, child.id)),
  )
  const distinct = new Map(children.map((change) => [keyOf(change), change]))
  return [...distinct.values(), deleteChange(entity, id)]
}

function refuseWhileReferred(
  set: EntitySet,
  { definition: { name }, field, rule }: Referrer,
  entity: EntityName,
  id: string,
): void {
  const child = set.list(name, { size: 1, where: { field, id } }).rows[0]
  if (child === undefined) return
  if (rule.many) throw stillReferred(entity, id, name, child.id)
  const message = `an existing '${name}' entity references this '${entity}' entity`
  throw new EntityError(4, message, { '@referenced_by': name })
}

function stillReferred(entity: EntityName, id: string, by: string, referrer: string): EntityError {
  const noun = entity.replace(/_/g, ' ').replace(/s$/, '')
  return new EntityError(19, `${noun} ${id} is still referenced by ${by} (id = ${referrer})`)
}

/** As in Kong, a plugin refers to CA certificates by a field of its configuration that has their name. */
function refuseWhileConfigured(set: EntitySet, id: string): void {
  const referrer = set
    .list('plugins', { size: Infinity })
    .rows.find(({ config }) => stringsIn(config['ca_certificates']).includes(id))
  if (referrer) throw stillReferred('ca_certificates', id, 'plugins', referrer.id)
}

function keyOf(change: Change): string {
  return `${change.entity} ${change.op === 'put' ? change.row.id : change.id}`
}
