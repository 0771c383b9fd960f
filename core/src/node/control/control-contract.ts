import type { ObjectSchema } from '@kong-ts/pdk'
import type { Revisions } from '../configuration/revisions.ts'

/** A loaded plugin, for `kong-ts plugins`. */
export interface PluginListing {
  readonly name: string
  readonly version: string
  readonly priority: number
  readonly phases: readonly string[]
  readonly protocols: readonly string[]
  /** The package or path it was loaded from. */
  readonly from: string
  /** Where it is enabled: `global`, `service NAME`, `route NAME`. */
  readonly enabledOn: readonly string[]
  readonly description: string
  readonly schema: ObjectSchema
}

/** What a running node does for the `kong-ts` command. */
export interface ControlHandlers {
  /** Plain data, or a promise of it. */
  status(): unknown
  plugins(): Promise<readonly PluginListing[]>
  reload(): Promise<void>
  readonly configuration: {
    /** What is stored, as a declarative document. @throws Error without a database */
    export(): string
    /** Adds a document to what is stored. @throws Error without a database, or with what is wrong */
    import(text: string, file: string): Promise<void>
  }
  /** Nothing without a database. */
  readonly revisions?: Revisions | undefined
  /** Returns at once. Without a timeout, in milliseconds, the gateway's own `drain_timeout` holds. */
  stop(how: 'stop' | 'quit', timeoutMs: number | undefined): void
}
