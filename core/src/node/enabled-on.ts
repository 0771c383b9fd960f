import type { EntitySet } from '../entities/entity-set.ts'
import type { PluginRow } from '../entities/rows.ts'

/** Where a plugin is enabled, in words: `global`, `service NAME`, `route NAME`. */
export function enabledOn(entities: EntitySet, plugin: string): readonly string[] {
  const { rows } = entities.list('plugins', { size: Infinity })
  return rows
    .filter(({ name, enabled }) => enabled && name === plugin)
    .map((row) => placeOf(entities, row))
}

function placeOf(entities: EntitySet, { route, service }: PluginRow): string {
  const places = [
    ...(route ? [`route ${entities.get('routes', route.id)?.name ?? route.id}`] : []),
    ...(service ? [`service ${entities.get('services', service.id)?.name ?? service.id}`] : []),
  ]
  return places.length === 0 ? 'global' : places.join(', ')
}
