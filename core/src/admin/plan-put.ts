import { definitions } from '../entities/definitions/index.ts'
import type { EntitySet } from '../entities/entity-set.ts'
import { isUuid, stringsIn } from '../entities/fields.ts'
import type { Fields } from '../entities/fields.ts'
import { planCreate, planReplace } from '../entities/plan.ts'
import type { Plan } from '../entities/plan.ts'
import type { EntityName, Row } from '../entities/rows.ts'
import { fieldsOf } from './body.ts'
import type { Call } from './endpoint.ts'

/** PUT at a path: the row there is replaced, or one is created for it, under the key that the path names. */
export function planPut(
  set: EntitySet,
  { deps: { context }, params: { item: text = '' }, body }: Call,
  entity: EntityName,
  before: Row | undefined,
  fixed: Fields,
): Plan<Fields> {
  const { key, owned } = definitions[entity]
  const fields = { ...fieldsOf(body, entity, context, before), ...fixed }
  if (isUuid(text) || owned === undefined) {
    const at = before && key === undefined ? before.id : text
    return planReplace(set, context, entity, at, fields)
  }
  if (before) return planReplace(set, context, entity, before.id, fields)
  const keys = [...new Set([...stringsIn(fields[owned.field]), text])]
  return planCreate(set, context, entity, { ...fields, [owned.field]: keys })
}
