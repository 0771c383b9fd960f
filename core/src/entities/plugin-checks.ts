import type { Schema } from '@kong-ts/pdk'
import { addError } from '@kong-ts/pdk/host'
import type { FieldErrors } from '../errors/entity-error.ts'
import { authorityReferences, type AuthorityReference } from './authority-references.ts'
import type { PlanContext } from './context.ts'
import type { Refined, World } from './definition.ts'
import type { Fields } from './fields.ts'
import { isFields, referredId, stringsIn } from './fields.ts'

/** The plugin's own protocols are the default, so that a plugin enabled with no more than its name runs. */
export function defaultProtocols(body: Fields, { context }: World): Fields {
  if (body['protocols'] !== undefined) return body
  const { name } = body
  const plugin = typeof name === 'string' ? context.plugins.find(name) : undefined
  return { ...body, protocols: plugin?.protocols ?? [] }
}

/** What is wrong with the name of a plugin that is not there. */
export function faultOfPlugin(name: string, { plugins }: PlanContext): string | undefined {
  return plugins.find(name) ? undefined : notEnabled(name)
}

function notEnabled(name: string): string {
  return `plugin '${name}' not enabled; add it to the 'plugins' configuration property`
}

/** Checks and completes `config` by the schema of the plugin; the CA certificates that it names are there. */
export function refineConfig(row: Fields, { context, set }: World): Refined {
  const name = String(row['name'])
  const plugin = context.plugins.find(name)
  if (plugin === undefined) return { ok: false, errors: { name: notEnabled(name) } }
  const checked = plugin.validate(row['config'] ?? {})
  if (checked.ok) {
    const strangers = authorityReferences(plugin.schema, checked.value).filter(
      ({ id }) => set.get('ca_certificates', id) === undefined,
    )
    if (strangers.length > 0) return { ok: false, errors: { config: wordStrangers(strangers) } }
    return { ok: true, row: { ...row, config: checked.value } }
  }
  const { '@entity': whole, ...config } = checked.fields
  const nested: FieldErrors = Object.keys(config).length > 0 ? { config } : {}
  return { ok: false, errors: whole === undefined ? nested : { ...nested, '@entity': whole } }
}

function wordStrangers(strangers: readonly AuthorityReference[]): FieldErrors {
  const errors: FieldErrors = {}
  for (const { path, id } of strangers) addError(errors, path, `there is no CA certificate ${id}`)
  return errors
}

/** Kong serves null for what is not set; plugins see such keys as absent. */
export function serveConfig(row: Fields, { plugins }: PlanContext): Fields {
  const schema = plugins.find(String(row['name']))?.schema
  return schema ? { ...row, config: withNulls(schema, row['config']) } : row
}

function withNulls({ properties }: Schema, value: unknown): unknown {
  if (properties === undefined || !isFields(value)) return value
  const absent = Object.keys(properties).map((name) => [name, null])
  const present = Object.entries(value).map(([name, item]) => {
    const field = Object.hasOwn(properties, name) ? properties[name] : undefined
    return [name, field ? withNulls(field, item) : item]
  })
  return Object.fromEntries([...absent, ...present])
}

/** The fields of `config` are those of the plugin that a form names. */
export function configShape(body: Fields, context: PlanContext): Readonly<Record<string, Schema>> {
  const name = body['name']
  const plugin = typeof name === 'string' ? context.plugins.find(name) : undefined
  return plugin ? { config: plugin.schema } : {}
}

export function matchesRoute(row: Fields, { set }: World): FieldErrors | undefined {
  const id = referredId(row, 'route')
  const route = id === undefined ? undefined : set.get('routes', id)
  if (route === undefined || overlap(row, route.protocols)) return undefined
  return { protocols: "must match the associated route's protocols" }
}

/** Skipped while the service has no route. A plugin on a route as well is held to that route alone. */
export function matchesService(row: Fields, { set }: World): FieldErrors | undefined {
  const id = referredId(row, 'service')
  if (id === undefined || row['route'] !== null) return undefined
  const routes = set.children('routes', 'service', id)
  if (routes.length === 0 || routes.some((route) => overlap(row, route.protocols))) return undefined
  return {
    protocols: "must match the protocols of at least one route pointing to this Plugin's service",
  }
}

function overlap(row: Fields, protocols: readonly string[]): boolean {
  return stringsIn(row['protocols']).some((name) => protocols.includes(name))
}
