import type { FieldErrors } from './field-errors.ts'
import { addError } from './field-errors.ts'
import { PluginError } from '../plugin-error.ts'
import type { Plugin } from '../plugin.ts'
import { compile, SchemaError } from './validate.ts'
import type { Validator } from './validate.ts'

/** `config` and `value` are the same object, typed for the plugin and for whoever stores it. */
export type Configured<Config> =
  | { readonly ok: true; readonly value: Record<string, unknown>; readonly config: Config }
  | { readonly ok: false; readonly fields: FieldErrors }

/** A plugin's configuration is written under this key of the entity. */
const prefix = 'config.'

/**
 * What an operator wrote becomes a plugin's configuration, complete and checked, or a list of errors. The gateway,
 * the command line and the test kit all use this function. Absent input means: all defaults.
 * @throws SchemaError for a plugin with an unusable schema, PluginError when its `check` throws
 */
export function configure<Config, State, In>(
  plugin: Plugin<Config, State, In>,
  input: unknown,
): Configured<Config> {
  const checked = validatorOf(plugin)(input)
  if (!checked.ok) return checked
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the type is inferred from the schema that the value has just passed
  const config = checked.value as Config
  const complaint = examine(plugin, config)
  if (complaint === undefined) return { ...checked, config }
  const fields: FieldErrors = {}
  addError(fields, [], complaint)
  return { ok: false, fields }
}

function validatorOf<Config, State, In>({ name, schema }: Plugin<Config, State, In>): Validator {
  try {
    return compile(schema, { prefix })
  } catch (error) {
    if (!(error instanceof SchemaError)) throw error
    throw new SchemaError(`plugin ${name}: ${error.message}`, { cause: error })
  }
}

function examine<Config, State, In>(
  plugin: Plugin<Config, State, In>,
  config: Config,
): string | undefined {
  try {
    return plugin.check?.(config)
  } catch (error) {
    throw new PluginError(plugin.name, 'check', error)
  }
}
