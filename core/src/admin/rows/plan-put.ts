import { definitions } from '../../entities/definitions/index.ts'
import type { EntitySet } from '../../entities/entity-set.ts'
import { isUuid } from '../../entities/fields.ts'
import type { Fields } from '../../entities/fields.ts'
import { planCreate, planReplace } from '../../entities/plan.ts'
import type { Plan } from '../../entities/plan.ts'
import type { EntityName, Row } from '../../entities/rows.ts'
import { fieldsOf } from '../bodies/body.ts'
import type { Call } from '../endpoint.ts'

/**
 * PUT at a path: the row there is replaced, or one is created for it, under the key that the path names. A list that
 * it owns becomes what is written too, and holds that key.
 */
export function planPut(
  set: EntitySet,
  { deps: { context }, params: { item: text = '' }, body }: Call,
  entity: EntityName,
  before: Row | undefined,
  fixed: Fields,
): Plan<Fields> {
  const { owned } = definitions[entity]
  const fields = { ...fieldsOf(body, entity, context, before), ...fixed }
  if (owned === undefined || isUuid(text)) {
    return planReplace(set, context, entity, text, fields)
  }
  const whole = { ...fields, [owned.field]: withKey(fields[owned.field] ?? [], text) }
  if (before === undefined) return planCreate(set, context, entity, whole)
  return planReplace(set, context, entity, before.id, whole)
}

/** A list of what is no text is left for the check to refuse. */
function withKey(written: unknown, key: string): unknown {
  const list: unknown = typeof written === 'string' ? [written] : written
  if (!Array.isArray(list)) return list
  return list.includes(key) ? list : [...list, key]
}
