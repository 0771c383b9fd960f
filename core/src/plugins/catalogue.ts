import type { ObjectSchema, Plugin } from '@kong-ts/pdk'
import { compile, configure, type Validator } from '@kong-ts/pdk/host'
import { messageOf } from '../errors/message-of.ts'
import { loadPlugin, PluginLoadError } from './load-plugin.ts'
import { filesOf, loadEdition } from './module-graph.ts'
import { ownFiles } from './owners.ts'
import { resolvePdkToOurs } from './pdk-resolution.ts'
import { bundledPlugins, resolvePlugin, type PluginLocation } from './resolve-plugin.ts'

/** A plugin that can be enabled on this node. */
export interface LoadedPlugin {
  readonly plugin: Plugin
  /** `bundled`, a package's name or a path. */
  readonly from: string
  readonly protocols: readonly string[]
  readonly schema: ObjectSchema
  /** The paths of its own files, of those that are known. */
  readonly files: readonly string[]
  /** The schema, then the plugin's own `check`. */
  readonly validate: Validator
}

/** The plugins that this node has loaded, by name. */
export class Catalogue {
  readonly #plugins: ReadonlyMap<string, LoadedPlugin>

  constructor(plugins: readonly LoadedPlugin[]) {
    this.#plugins = new Map(plugins.map((each) => [each.plugin.name, each]))
  }

  find(name: string): LoadedPlugin | undefined {
    return this.#plugins.get(name)
  }

  names(): readonly string[] {
    return [...this.#plugins.keys()]
  }

  /** In the order in which they run. */
  all(): readonly LoadedPlugin[] {
    return [...this.#plugins.values()].toSorted((a, b) => b.plugin.priority - a.plugin.priority)
  }
}

/**
 * Loads what the setting `plugins` names: `bundled`, `off`, names, package names and paths.
 * @throws PluginLoadError naming the plugin
 */
export async function loadCatalogue(
  specifiers: readonly string[],
  options: { readonly cwd: string },
): Promise<Catalogue> {
  resolvePdkToOurs()
  const locations = specifiers.flatMap((specifier) => locate(specifier, options.cwd))
  const loaded = await Promise.all(locations.map(load))
  const byName = new Map<string, LoadedPlugin>()
  for (const each of loaded) {
    const taken = byName.get(each.plugin.name)
    if (taken && taken.plugin !== each.plugin) {
      throw new PluginLoadError(
        'plugin_name_taken',
        `plugin '${each.plugin.name}' is there twice: ${taken.from} and ${each.from}`,
      )
    }
    byName.set(each.plugin.name, taken ?? each)
  }
  return new Catalogue([...byName.values()])
}

function locate(specifier: string, cwd: string): PluginLocation[] {
  if (specifier === 'bundled') return bundledPlugins()
  if (specifier === 'off') return []
  const location = find(specifier, cwd)
  if (location) return [location]
  throw new PluginLoadError(
    'plugin_not_installed',
    `${specifier} plugin is enabled but not installed; no package or file of that name was found`,
  )
}

function find(specifier: string, cwd: string): PluginLocation | undefined {
  try {
    return resolvePlugin(specifier, cwd)
  } catch (error) {
    const why = `plugin '${specifier}': its package.json cannot be read: ${messageOf(error)}`
    throw new PluginLoadError('plugin_bad_package', why, { cause: error })
  }
}

async function load({ specifier, url, from }: PluginLocation): Promise<LoadedPlugin> {
  const plugin = await loadEdition(url, (edition) => loadPlugin(specifier, edition))
  try {
    compile(plugin.schema)
  } catch (error) {
    const why = `plugin '${specifier}': its schema is not valid: ${messageOf(error)}`
    throw new PluginLoadError('plugin_bad_schema', why, { cause: error })
  }
  const files = filesOf(url)
  ownFiles(plugin.name, files)
  return { ...describe(plugin, from), files }
}

/** A plugin that is in memory already, as the catalogue knows it. */
export function describe(plugin: Plugin, from: string): LoadedPlugin {
  const { protocols, schema } = plugin
  return {
    plugin,
    from,
    protocols,
    schema,
    files: [],
    validate: (input) => configure(plugin, input),
  }
}
