import { phaseNames } from '@kong-ts/pdk'
import type { LoadedPlugin } from '../../plugins/catalogue.ts'
import type { PluginListing } from './control-contract.ts'

/** What `kong-ts plugins` shows of the plugins that are loaded; `enabledOn` says where each is enabled. */
export function listPlugins(
  loaded: readonly LoadedPlugin[],
  enabledOn: (name: string) => readonly string[] = () => [],
): readonly PluginListing[] {
  return loaded.map(({ plugin, from, protocols, schema }) => ({
    name: plugin.name,
    version: plugin.version,
    priority: plugin.priority,
    phases: phaseNames.filter((phase) => plugin.phases[phase] !== undefined),
    protocols,
    from,
    enabledOn: enabledOn(plugin.name),
    description: plugin.description,
    schema,
  }))
}

/** Whether this is what a node answered when it was asked for its plugins. */
export function isPluginListings(answer: unknown): answer is readonly PluginListing[] {
  return Array.isArray(answer) && answer.every(isPluginListing)
}

function isPluginListing(value: unknown): value is PluginListing {
  if (typeof value !== 'object' || value === null) return false
  const fields = new Map<string, unknown>(Object.entries(value))
  const texts = ['name', 'version', 'from', 'description'].map((key) => fields.get(key))
  const lists = ['phases', 'protocols', 'enabledOn'].map((key) => fields.get(key))
  return (
    texts.every((text) => typeof text === 'string') &&
    lists.every((list) => Array.isArray(list) && list.every((each) => typeof each === 'string')) &&
    typeof fields.get('priority') === 'number' &&
    typeof fields.get('schema') === 'object'
  )
}
