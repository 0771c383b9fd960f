import type { PhaseName } from '@kong-ts/pdk'
import { messageOf } from './message-of.ts'

/** Where in a plugin something went wrong. */
export type PluginMoment = PhaseName | 'setup' | 'teardown'

/** A plugin threw, answered nonsense or did not settle; always says which plugin and where. */
export class PluginFailure extends Error {
  override readonly name = 'PluginFailure'
  readonly plugin: string
  readonly phase: PluginMoment
  readonly kind: 'failed' | 'timeout'

  constructor(
    plugin: string,
    phase: PluginMoment,
    kind: PluginFailure['kind'],
    message: string,
    options?: ErrorOptions,
  ) {
    super(`plugin ${plugin}, ${phase}: ${message}`, options)
    this.plugin = plugin
    this.phase = phase
    this.kind = kind
  }
}

/** What was thrown, with the blame for it. */
export function blame(plugin: string, phase: PluginMoment, thrown: unknown): PluginFailure {
  return new PluginFailure(plugin, phase, 'failed', describe(thrown), { cause: thrown })
}

/** A plugin may throw anything, also what has no text. */
function describe(thrown: unknown): string {
  try {
    return messageOf(thrown)
  } catch {
    return 'it threw something that cannot be printed'
  }
}
