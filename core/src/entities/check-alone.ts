import type { PlanContext } from './context.ts'
import type { Definition } from './definition.ts'
import { definitions, isEntityName } from './definitions/index.ts'
import { draftRow } from './draft.ts'
import { EntitySet } from './entity-set.ts'
import { fieldOf, isFields, referredId, stringsIn } from './fields.ts'
import type { Fields } from './fields.ts'
import { planOwned } from './owned-list.ts'
import type { EntityName } from './rows.ts'

/**
 * Checks a new row by itself, as POST does but for the stored rows: what it refers to counts as there, and its keys
 * as free.
 * @throws EntityError code 2
 */
export function checkAlone(context: PlanContext, entity: EntityName, body: Fields): void {
  const definition = definitions[entity]
  const { owned, references } = definition
  const whole: Fields = {
    ...body,
    id: body['id'] ?? context.uuid(),
    ...assumed(context, definition, body),
  }
  const { [owned?.field ?? '']: keys, ...own } = whole
  const referred = Object.keys(references).map((field) => referredId(whole, field)?.toLowerCase())
  const nothing = EntitySet.empty()
  const row = draftRow(nothing, context, {
    definition,
    body: owned ? own : whole,
    pending: stringsIn(referred),
  })
  if (owned && keys !== undefined) planOwned(nothing, context, owned, row.id, keys)
}

/** References by key, as references to something that has that key. */
function assumed(context: PlanContext, { references }: Definition, body: Fields): Fields {
  const named = Object.entries(references).filter(([field, { entity }]) => {
    const given = fieldOf(body, field)
    const key = isEntityName(entity) ? definitions[entity].key : undefined
    if (key === undefined || !isFields(given) || Object.hasOwn(given, 'id')) return false
    return typeof fieldOf(given, key) === 'string'
  })
  return Object.fromEntries(named.map(([field]) => [field, { id: context.uuid() }]))
}
