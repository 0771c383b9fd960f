import type { Settings } from '../../settings/schema.ts'

/** What came of a start, for the start screen. */
export interface StartReport {
  /** Addresses as bound, the picked ports in place of 0: `127.0.0.1:5555`, `unix:PATH`; APIs over TLS as `https://…`. */
  readonly stream: readonly string[]
  readonly admin: readonly string[]
  /** Whether the Admin API asks for a token. */
  readonly adminToken: boolean
  readonly status: readonly string[]
  readonly transport: string
  readonly workers: number
  readonly database: string
  readonly prefix: string
  /** Names of the plugins that are loaded. */
  readonly plugins: readonly string[]
  readonly warnings: readonly string[]
}

/** A gateway that takes traffic. */
export interface RunningGateway {
  readonly report: StartReport
  /** The exit code, once everything has ended. */
  readonly ended: Promise<number>
  reload(): Promise<void>
  /**
   * Stops accepting and lets live connections go on for at most `timeoutMs` milliseconds (default:
   * `drain_timeout`; 0 ends them at once). May be called again with less patience.
   */
  stop(how: 'stop' | 'quit', timeoutMs?: number): Promise<void>
}

export interface StartOptions {
  /** Found while the settings were read. */
  readonly warnings: readonly string[]
  /** Reads the settings again, for a reload. @throws SettingsError; then nothing changes */
  reread(): { readonly settings: Settings; readonly warnings: readonly string[] }
}

/** @throws Error with one clear line, when a port is in use, the prefix is taken, the store cannot be opened */
export type StartGateway = (settings: Settings, options: StartOptions) => Promise<RunningGateway>
