import { apiVersion, phaseNames, protocols, type Plugin } from '@kong-ts/pdk'
import { codeOf } from '../errors/code-of.ts'
import type { PluginCode } from '../errors/plugin-codes.ts'
import { messageOf } from '../errors/message-of.ts'
import { placeOfError } from './place-of-error.ts'
import { within } from './within.ts'

/** A plugin package could not be loaded; the message names it and says what is wrong. */
export class PluginLoadError extends Error {
  override readonly name = 'PluginLoadError'
  readonly code: PluginCode

  constructor(code: PluginCode, message: string, options?: ErrorOptions) {
    super(`${message} [${code}]`, options)
    this.code = code
  }
}

/** Milliseconds after which code that waits for something while it is loaded is given up. */
const usualPatience = 10_000

/**
 * Imports a plugin and checks that it is one. `specifier` is what the operator wrote, for messages.
 * @throws PluginLoadError
 */
export async function loadPlugin(
  specifier: string,
  url: string,
  patience = usualPatience,
): Promise<Plugin> {
  const loaded = await importDefault(specifier, url, patience)
  if (isPlugin(loaded)) return loaded
  const [code, complaint] = problemOf(loaded) ?? noDefault
  throw new PluginLoadError(code, `plugin '${specifier}': ${complaint}`)
}

async function importDefault(specifier: string, url: string, patience: number): Promise<unknown> {
  try {
    const load = (): Promise<{ readonly default?: unknown }> => import(url)
    const module = await within(patience, load)
    return module.default
  } catch (error) {
    const place = placeOfError(error)
    const where = place === undefined ? '' : ` (${place})`
    const why = `plugin '${specifier}': cannot be loaded: ${messageOf(error)}${where}`
    const code = codeOf(error) === importsCore ? importsCore : 'plugin_import_failed'
    throw new PluginLoadError(code, why, { cause: error })
  }
}

/** The code of what is thrown when a plugin imports the inside of the gateway. */
export const importsCore = 'plugin_imports_core' satisfies PluginCode

function isPlugin(value: unknown): value is Plugin {
  return problemOf(value) === undefined
}

type Fields = Readonly<Record<string, unknown>>

type Problem = readonly [code: PluginCode, complaint: string]

const noDefault: Problem = [
  'plugin_no_default_export',
  'has no plugin as its default export; write export default definePlugin({ … })',
]
const semver = /^\d+\.\d+\.\d+(?:[-+][0-9A-Za-z.+-]+)?$/

/** Each check with what it says when it fails. */
const checks: readonly (readonly [holds: (plugin: Fields) => boolean, ...Problem])[] = [
  [
    ({ apiVersion: version }) => version === apiVersion,
    'plugin_wrong_api_version',
    `was made for another version of the plugin API (this gateway speaks ${apiVersion}); use definePlugin`,
  ],
  [
    ({ name }) => typeof name === 'string' && /^[a-z][a-z0-9-]*$/.test(name),
    'plugin_bad_name',
    'needs a name of lower-case letters, digits and dashes',
  ],
  [
    ({ version }) => typeof version === 'string' && semver.test(version),
    'plugin_bad_version',
    'needs a semantic version such as 1.0.0',
  ],
  [
    ({ priority }) => Number.isFinite(priority),
    'plugin_bad_priority',
    'needs a priority, a number',
  ],
  [
    ({ description }) => typeof description === 'string',
    'plugin_bad_description',
    'needs a description that is a text',
  ],
  [
    ({ schema }) =>
      isFields(schema) && schema['type'] === 'object' && isFields(schema['properties']),
    'plugin_bad_schema',
    "needs a schema of type 'object' with properties",
  ],
  [({ phases }) => isFields(phases), 'plugin_bad_phases', 'needs phases'],
  [
    ({ phases }) => Object.keys(fieldsOf(phases)).every(isOneOf(phaseNames)),
    'plugin_bad_phases',
    `knows a phase that does not exist; there are ${phaseNames.join(', ')}`,
  ],
  [
    ({ phases }) => Object.values(fieldsOf(phases)).every(isCallable),
    'plugin_bad_phases',
    'has a phase that is no function',
  ],
  [
    ({ setup, teardown, check }) => [setup, teardown, check].every(isCallable),
    'plugin_bad_hooks',
    'has a setup, teardown or check that is no function',
  ],
  [
    ({ protocols: own }) => Array.isArray(own) && own.length > 0 && own.every(isOneOf(protocols)),
    'plugin_bad_protocols',
    `needs at least one protocol of ${protocols.join(', ')}`,
  ],
]

function problemOf(value: unknown): Problem | undefined {
  if (!isFields(value)) return noDefault
  const failed = checks.find(([holds]) => !holds(value))
  return failed && [failed[1], failed[2]]
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
