import type { PluginFacts } from '../entities/context.ts'
import type { Check, Definition } from '../entities/definition.ts'
import { commonRequired } from '../entities/definitions/common.ts'
import { definitions } from '../entities/definitions/index.ts'
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

/** The schema of an entity as Kong serves it. */
export function renderEntity(definition: Definition): KongSchema {
  return {
    fields: Object.keys(definition.schema.properties).map((name) => renderOwn(definition, name)),
    entity_checks: definition.checks.map(renderCheck),
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
      { config: { ...config, required: true } },
    ],
    entity_checks: rulesOf(schema, 'config.'),
  }
}

function renderOwn(definition: Definition, name: string): KongField {
  return { [name]: describe(definition, name) }
}

function describe(definition: Definition, name: string): KongField {
  const { schema, unique } = definition
  const required = schema.required?.includes(name)
  const alone = unique.some(({ fields }) => fields.length === 1 && fields[0] === name)
  return {
    ...renderValue(definition, name),
    ...(automatic.has(name) ? { auto: true } : required && { required: true }),
    ...(alone && { unique: true }),
  }
}

function renderValue({ schema, references }: Definition, name: string): KongField {
  const rule = references[name]
  if (rule === undefined || rule.many) return renderField(schema.properties[name] ?? {})
  const cascade = rule.onDelete === 'cascade' && { on_delete: 'cascade' }
  return { type: 'foreign', reference: rule.entity, ...cascade }
}

/** A rule that is a function is shown by the fields that it asks. */
function renderCheck({ on, rule }: Check): KongCheck {
  return rule ?? { custom_entity_check: { field_sources: on } }
}
