import type { place } from '../../plugins/running-place.ts'
import type { LogTarget } from '../../settings/paths.ts'
import type { LogLevelName } from '../../settings/log-levels.ts'

/** A configured plugin, as the log names it. */
export interface Culprit {
  readonly plugin: string
  /** Unknown when only its code was found to run. */
  readonly instance?: string | undefined
}

/** What a watchdog is started with. */
export interface Watch {
  readonly cell: Int32Array
  readonly place: typeof place
  readonly phases: readonly string[]
  /** Of each plugin that is loaded, the paths of its files. */
  readonly files: ReadonlyMap<string, readonly string[]>
  /** Milliseconds that a plugin may hold up the process. */
  readonly limit: number
  /** Whether the process may be ended: another one takes its place. */
  readonly isReplaceable: boolean
  readonly log: { readonly error_log: LogTarget; readonly log_level: LogLevelName }
}

/** What is to be done: say, once, who holds up the event loop; end the process, which may have to be tried again. */
export type Step = 'name' | 'end'

/** What was seen of a stall. */
export interface Seen {
  readonly milliseconds: number
  /** Whose phase runs. */
  readonly culprit: Culprit | undefined
  readonly phase: string | undefined
  /** Whether it was told already that it has lasted too long. */
  readonly isTold: boolean
  readonly isPreparing: boolean
}

/** An instance is there, or gone. */
export interface Named {
  readonly serial: number
  readonly culprit: Culprit | undefined
}
