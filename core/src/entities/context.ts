import type { ObjectSchema } from '@kong-ts/pdk'
import type { FieldErrors } from '../errors/entity-error.ts'

/** Checks a plugin's configuration and completes it, as `compile` of the PDK makes it. */
export type ConfigValidator = (
  input: unknown,
) =>
  | { readonly ok: true; readonly value: Readonly<Record<string, unknown>> }
  | { readonly ok: false; readonly fields: FieldErrors }

/** A loaded plugin, as far as a row of `plugins` depends on it. */
export interface PluginFacts {
  readonly protocols: readonly string[]
  readonly schema: ObjectSchema
  readonly validate: ConfigValidator
}

/** The plugins that this node has loaded. */
export interface PluginDirectory {
  find(name: string): PluginFacts | undefined
  names(): readonly string[]
}

/** What the planners need from outside: they do no I/O of their own. */
export interface PlanContext {
  /** Milliseconds since the epoch. */
  now(): number
  uuid(): string
  readonly plugins: PluginDirectory
}
