import type { PlanContext } from '../entities/context.ts'
import { definitions } from '../entities/definitions/index.ts'
import type { EntitySet } from '../entities/entity-set.ts'
import { referredId } from '../entities/fields.ts'
import type { Fields } from '../entities/fields.ts'
import type { EntityName, Row } from '../entities/rows.ts'
import { inOrder, linksOf } from './shape.ts'
import { writeYaml } from './write-yaml.ts'

/** A configuration as a declarative document, as Kong exports it: flat, every field, references as ids. */
export function exportRows(set: EntitySet, context: PlanContext): string {
  const collections = inOrder.flatMap((entity) => {
    const { rows } = set.list(entity, { size: Infinity })
    return rows.length === 0 ? [] : [[entity, rows.map((row) => rowOf(entity, row, context))]]
  })
  return writeYaml({
    _format_version: '3.0',
    _transform: false,
    ...Object.fromEntries(collections),
  })
}

function rowOf(entity: EntityName, row: Row, context: PlanContext): Fields {
  const served = definitions[entity].serve?.({ ...row }, context) ?? { ...row }
  const links = linksOf(entity).map(({ field }) => [field, referredId(row, field) ?? null])
  return { ...served, ...Object.fromEntries(links) }
}
