import { definitions } from '../../entities/definitions/index.ts'
import type { EntityName } from '../../entities/rows.ts'

/** The segment of a collection's URLs. */
export function pathOf(entity: EntityName): string {
  return definitions[entity].path ?? entity
}

/** Whose collection a segment is. */
export function entityAt(segment: string): EntityName | undefined {
  return Object.values(definitions).find(({ name, path = name }) => path === segment)?.name
}
