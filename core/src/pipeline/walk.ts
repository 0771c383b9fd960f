import type { PluginInstance } from '../plugins/instance.ts'

/**
 * What a hook is called with: the plugin's own view of the connection, and what the gateway keeps beside it.
 * They are two objects, so that a plugin never receives the gateway's.
 */
export interface Walk<Seen> {
  readonly seen: Seen
  /** Instances that have had their say on this connection already; a second routing does not ask them again. */
  readonly consulted: ReadonlySet<PluginInstance> | undefined
  /** The plugin that runs, or ran last: who is to blame for what it leaves behind. */
  plugin: string
}
