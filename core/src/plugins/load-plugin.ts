import { apiVersion, phaseNames, protocols, type Plugin } from '@kong-ts/pdk'
import { messageOf } from '../errors/message-of.ts'

/** A plugin package could not be loaded; the message names it and says what is wrong. */
export class PluginLoadError extends Error {
  override readonly name = 'PluginLoadError'
}

/**
 * Imports a plugin and checks that it is one. `specifier` is what the operator wrote, for messages.
 * @throws PluginLoadError
 */
export async function loadPlugin(specifier: string, url: string): Promise<Plugin> {
  const loaded = await importDefault(specifier, url)
  if (isPlugin(loaded)) return loaded
  throw new PluginLoadError(`plugin '${specifier}': ${problemOf(loaded) ?? noDefault}`)
}

async function importDefault(specifier: string, url: string): Promise<unknown> {
  try {
    const module: { readonly default?: unknown } = await import(url)
    return module.default
  } catch (error) {
    const why = `plugin '${specifier}': cannot be loaded: ${messageOf(error)}`
    throw new PluginLoadError(why, { cause: error })
  }
}

function isPlugin(value: unknown): value is Plugin {
  return problemOf(value) === undefined
}

type Fields = Readonly<Record<string, unknown>>

const noDefault = 'has no plugin as its default export; write export default definePlugin({ … })'
const semver = /^\d+\.\d+\.\d+(?:[-+][0-9A-Za-z.+-]+)?$/

/** Each check with what it says when it fails. */
const checks: readonly (readonly [holds: (plugin: Fields) => boolean, complaint: string])[] = [
  [
    ({ apiVersion: version }) => version === apiVersion,
    `was made for another version of the plugin API (this gateway speaks ${apiVersion}); use definePlugin`,
  ],
  [
    ({ name }) => typeof name === 'string' && /^[a-z][a-z0-9-]*$/.test(name),
    'needs a name of lower-case letters, digits and dashes',
  ],
  [
    ({ version }) => typeof version === 'string' && semver.test(version),
    'needs a semantic version such as 1.0.0',
  ],
  [({ priority }) => Number.isFinite(priority), 'needs a priority, a number'],
  [({ description }) => typeof description === 'string', 'needs a description that is a text'],
  [
    ({ schema }) =>
      isFields(schema) && schema['type'] === 'object' && isFields(schema['properties']),
    "needs a schema of type 'object' with properties",
  ],
  [({ phases }) => isFields(phases), 'needs phases'],
  [
    ({ phases }) => Object.keys(fieldsOf(phases)).every(isOneOf(phaseNames)),
    `knows a phase that does not exist; there are ${phaseNames.join(', ')}`,
  ],
  [
    ({ phases }) => Object.values(fieldsOf(phases)).every(isCallable),
    'has a phase that is no function',
  ],
  [
    ({ setup, teardown, check }) => [setup, teardown, check].every(isCallable),
    'has a setup, teardown or check that is no function',
  ],
  [
    ({ protocols: own }) => Array.isArray(own) && own.length > 0 && own.every(isOneOf(protocols)),
    `needs at least one protocol of ${protocols.join(', ')}`,
  ],
]

function problemOf(value: unknown): string | undefined {
  if (!isFields(value)) return noDefault
  return checks.find(([holds]) => !holds(value))?.[1]
}

function fieldsOf(value: unknown): Fields {
  return isFields(value) ? value : {}
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null
}

function isOneOf(known: readonly string[]): (value: unknown) => boolean {
  return (value) => typeof value === 'string' && known.includes(value)
}

function isCallable(value: unknown): boolean {
  return value === undefined || typeof value === 'function'
}
