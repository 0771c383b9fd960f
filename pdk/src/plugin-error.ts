/** Something thrown by a plugin; the message and the fields say by which one and where. */
export class PluginError extends Error {
  override readonly name = 'PluginError'
  readonly code = 'ERR_PLUGIN'
  readonly plugin: string
  /** A phase, or `check`, `setup`, `teardown`. */
  readonly phase: string

  constructor(plugin: string, phase: string, cause: unknown) {
    const text = cause instanceof Error ? cause.message : String(cause)
    super(`plugin ${plugin}, ${phase}: ${text}`, { cause })
    this.plugin = plugin
    this.phase = phase
  }
}
