import type { PluginListing } from '../node/control/control-contract.ts'
import type { StoredConfiguration } from '../node/configuration/stored-configuration.ts'
import type { StartGateway } from '../node/description/running.ts'
import type { Settings } from '../settings/schema.ts'
import type { Schema } from '../store/schema.ts'
import type { Terminal } from './terminal.ts'

export type Signal = 'SIGINT' | 'SIGTERM' | 'SIGQUIT' | 'SIGHUP'

/** Everything a command touches outside itself. */
export interface World {
  readonly terminal: Terminal
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  /** The file that Node runs for this command, to run it once more in the background. */
  readonly entry: string
  /** Calls the handler at each such signal; the answer ends that. */
  onSignal(signal: Signal, handler: () => void): () => void
  readonly startGateway: StartGateway
  readonly configuration: StoredConfiguration
  /** The plugins that the setting `plugins` names, loaded here and now. */
  loadPlugins(
    specifiers: readonly string[],
    options: { readonly cwd: string },
  ): Promise<readonly PluginListing[]>
  /** The tables of the database server that the settings name; the timeout of statements is in milliseconds. */
  openSchema(settings: Settings, timeout?: number): Promise<Schema>
  /** Asks whoever sits at the terminal; undefined when nobody does. */
  ask(question: string): Promise<string> | undefined
}

/** What a command is made with. */
export interface CommandContext {
  readonly world: World
  /** Sets the exit code; without it a command exits with 0. */
  readonly finish: (code: number) => void
}
