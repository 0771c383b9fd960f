import type { ObjectSchema } from '@kong-ts/pdk'
import { isBeyondKong } from '../../entities/beyond-kong.ts'
import type { PluginFacts } from '../../entities/context.ts'
import type { Check, Definition } from '../../entities/definition.ts'
import { commonRequired } from '../../entities/definitions/common.ts'
import { definitions } from '../../entities/definitions/index.ts'
import { isFields } from '../../entities/fields.ts'
import { rulesOf } from './render-checks.ts'
import type { KongCheck } from './render-checks.ts'
import { renderField } from './render-schema.ts'
import type { KongField } from './render-schema.ts'

/** What Kong's clients read to fill in defaults and to draw forms. */
export interface KongSchema {
  readonly fields: readonly KongField[]
  readonly entity_checks: readonly KongCheck[]
}

/** What every row has whatever is written: nobody has to write it. */
const automatic: ReadonlySet<string> = new Set(commonRequired)

/** The schema of an entity as Kong serves it: without the fields that Kong does not have. */
export function renderEntity(definition: Definition): KongSchema {
  const ours = new Set(
    Object.entries(definition.schema.properties).flatMap(([name, field]) =>
      isBeyondKong(field) ? [name] : [],
    ),
  )
  return {
    fields: [
      ...Object.keys(definition.schema.properties)
        .filter((name) => !ours.has(name))
        .map((name) => renderOwn(definition, name)),
      ...renderOwned(definition),
    ],
    entity_checks: definition.checks
      .filter(({ on }) => !on.some((field) => ours.has(field)))
      .map(renderCheck),
  }
}

/** A list that is written and served with the row, and is no part of it. */
function renderOwned({ owned }: Definition): readonly KongField[] {
  if (owned === undefined) return []
  const items = definitions[owned.entity].schema.properties[owned.key] ?? {}
  return [{ [owned.field]: { type: 'array', elements: renderField(items), transient: true } }]
}

/** The schema of a kind of vault as Kong serves it. */
export function renderVault(schema: ObjectSchema): KongSchema {
  return {
    fields: [{ config: { ...renderField(schema), required: true } }],
    entity_checks: [],
  }
}

/**
 * The schema of a plugin as Kong serves it: the fields of `plugins` that depend on the plugin, and where it can be
 * put. Rules over the fields of `config` stand beside it and name them `config.field`.
 */
export function renderPlugin({ schema, protocols }: PluginFacts): KongSchema {
  const { entity_checks: _, ...config } = renderField(schema)
  const { plugins } = definitions
  const scopes = Object.keys(plugins.references).map((name) => renderOwn(plugins, name))
  return {
    fields: [
      { protocols: { ...describe(plugins, 'protocols'), default: protocols } },
      ...scopes,
      { config: { ...alwaysThere(config), required: true } },
    ],
    entity_checks: rulesOf(schema, 'config.'),
  }
}

function renderOwn(definition: Definition, name: string): KongField {
  return { [name]: describe(definition, name) }
}

function describe(definition: Definition, name: string): KongField {
  const { schema, unique, attributes } = definition
  const required = schema.required?.includes(name)
  const alone = unique.some(({ fields }) => fields.length === 1 && fields[0] === name)
  return {
    ...renderValue(definition, name),
    ...(automatic.has(name) ? { auto: true } : required && { required: true }),
    ...(alone && { unique: true }),
    ...attributes?.[name],
  }
}

function renderValue({ schema, references }: Definition, name: string): KongField {
  const rule = references[name]
  if (rule === undefined || rule.many) return renderField(schema.properties[name] ?? {})
  const { description } = schema.properties[name] ?? {}
  return {
    type: 'foreign',
    ...(description !== undefined && { description }),
    reference: rule.entity,
    ...(rule.onDelete === 'cascade' && { on_delete: 'cascade' }),
  }
}

/**
 * A record with a default is there in every configuration, complete: clients make it so when it is required, and take
 * its default as it stands when it is not.
 */
function alwaysThere(record: KongField): KongField {
  const { fields } = record
  if (!Array.isArray(fields)) return record
  return { ...record, fields: fields.map((named: KongField) => mapFields(named)) }
}

function mapFields(named: KongField): KongField {
  const entries = Object.entries(named).map(([name, field]) => {
    if (!isFields(field) || field['type'] !== 'record') return [name, field]
    const inner = alwaysThere(field)
    return [name, inner['default'] === undefined ? inner : { ...inner, required: true }]
  })
  return Object.fromEntries(entries)
}

/** A rule that is a function is shown by the fields that it asks. */
function renderCheck({ on, rule }: Check): KongCheck {
  return rule ?? { custom_entity_check: { field_sources: on } }
}
