import type { PhaseName } from '@kong-ts/pdk'
import type { PluginCode } from './plugin-codes.ts'
import { messageOf } from './message-of.ts'

/** Where in a plugin something went wrong. */
export type PluginMoment = PhaseName | 'setup' | 'teardown'

/** A plugin threw, answered nonsense or did not settle; always says which plugin and where. */
export class PluginFailure extends Error {
  override readonly name = 'PluginFailure'
  readonly plugin: string
  readonly phase: PluginMoment
  readonly kind: 'failed' | 'timeout'
  readonly code: PluginCode
  /** What went wrong, without the blame: for where plugin and phase are told beside it. */
  readonly reason: string

  constructor(
    plugin: string,
    phase: PluginMoment,
    kind: PluginFailure['kind'],
    reason: string,
    options: ErrorOptions & { readonly code?: PluginCode } = {},
  ) {
    super(`plugin ${plugin}, ${phase}: ${reason}`, options)
    this.plugin = plugin
    this.phase = phase
    this.kind = kind
    this.code = options.code ?? usualCode(phase, kind)
    this.reason = reason
  }
}

/** What was thrown, with the blame for it. */
export function blame(
  plugin: string,
  phase: PluginMoment,
  thrown: unknown,
  code: PluginCode = usualCode(phase, 'failed'),
): PluginFailure {
  return new PluginFailure(plugin, phase, 'failed', describe(thrown), { cause: thrown, code })
}

function usualCode(phase: PluginMoment, kind: PluginFailure['kind']): PluginCode {
  if (phase === 'setup') return 'plugin_setup_failed'
  if (phase === 'teardown') return 'plugin_teardown_failed'
  return kind === 'timeout' ? 'plugin_timeout' : 'plugin_threw'
}

/** A plugin may throw anything, also what has no text. */
function describe(thrown: unknown): string {
  try {
    return messageOf(thrown)
  } catch {
    return 'it threw something that cannot be printed'
  }
}
