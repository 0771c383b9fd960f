import { definitions, entityNames, isEntityName } from '../entities/definitions/index.ts'
import type { EntityName } from '../entities/rows.ts'

/** A field of an entity that names one row of another. */
export interface Link {
  readonly field: string
  readonly to: EntityName
}

/** A collection that may be written inside an entity: its rows refer to it by `field`. */
export interface Nested {
  readonly entity: EntityName
  readonly field: string
}

/** The references of an entity to single rows of collections that there are. */
export const linksOf = per((entity) =>
  Object.entries(definitions[entity].references).flatMap(([field, { entity: to, many }]) =>
    many || !isEntityName(to) ? [] : [{ field, to }],
  ),
)

/** What may be nested in an entity; a field of its own of that name is that field. */
export const nestedIn = per((parent) =>
  entityNames.flatMap((entity) => {
    if (Object.hasOwn(definitions[parent].schema.properties, entity)) return []
    return linksOf(entity).flatMap(({ field, to }) => (to === parent ? [{ entity, field }] : []))
  }),
)

/** Every entity, whatever is referred to before what refers to it. */
export const inOrder: readonly EntityName[] = sort()

function per<T>(make: (entity: EntityName) => readonly T[]): (entity: EntityName) => readonly T[] {
  const known = new Map(entityNames.map((entity) => [entity, make(entity)]))
  return (entity) => known.get(entity) ?? []
}

function sort(): readonly EntityName[] {
  const sorted = new Set<EntityName>()
  const visit = (entity: EntityName): void => {
    for (const { entity: to } of Object.values(definitions[entity].references)) {
      if (isEntityName(to) && to !== entity && !sorted.has(to)) visit(to)
    }
    sorted.add(entity)
  }
  for (const entity of entityNames.toSorted()) visit(entity)
  return [...sorted]
}

/** Whether a key of the document names a row by itself: it is unique over the whole collection. */
export function keyOf(entity: EntityName): string | undefined {
  const { key, unique } = definitions[entity]
  const alone = unique.some(({ fields: [first, ...more] }) => first === key && more.length === 0)
  return alone ? key : undefined
}
