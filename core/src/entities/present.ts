import type { PlanContext } from './context.ts'
import { definitions } from './definitions/index.ts'
import type { EntitySet } from './entity-set.ts'
import type { Fields } from './fields.ts'
import { ownedKeys } from './owned-list.ts'
import type { EntityName, Row } from './rows.ts'

/** A row as the Admin API serves it: with the list that it owns, and null for every absent field. */
export function present(
  set: EntitySet,
  context: PlanContext,
  entity: EntityName,
  row: Row,
): Fields {
  const { owned, serve } = definitions[entity]
  const served = serve ? serve({ ...row }, context) : { ...row }
  return owned ? { ...served, [owned.field]: ownedKeys(set, owned, row.id) } : served
}
