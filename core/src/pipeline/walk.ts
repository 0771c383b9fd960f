import type { PluginInstance } from '../plugins/instance.ts'

/** Who is walked through the phases. */
export interface Walker {
  /** A plugin in shadow mode would have refused the connection. */
  wouldReject(plugin: string, reason: string): void
}

/**
 * What a hook is called with: the plugin's own view of the connection, and what the gateway keeps beside it.
 * They are two objects, so that a plugin never receives the gateway's.
 */
export interface Walk<Seen> {
  readonly seen: Seen
  readonly walker: Walker
  /** Instances that have had their say on this connection already; a second routing does not ask them again. */
  readonly consulted: ReadonlySet<PluginInstance> | undefined
  /** Who runs, or ran last: who is to blame for what it leaves behind. */
  instance: PluginInstance | undefined
  /** Whether it runs in shadow mode: what it does to the bytes has no effect. */
  isShadow: boolean
}

/** What a plugin answered, and which one. */
export interface Answer<R> {
  readonly plugin: string
  readonly value: R
}
