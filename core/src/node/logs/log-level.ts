import type { LogLevelName } from '../../settings/log-levels.ts'
import type { ErrorLog } from './log.ts'
import type { Node } from '../node.ts'

/** The longest that a timer of Node's can wait, in milliseconds: 24 days. A change for longer ends then. */
const longestTimer = 2 ** 31 - 1

/** The least level that this node logs: as configured, or as an operator wants it for a while. */
export class LogLevel {
  readonly #log: ErrorLog
  readonly #workers: Pick<Node, 'setLogLevel'>
  #configured: LogLevelName
  #current: LogLevelName
  #revert: NodeJS.Timeout | undefined

  constructor(configured: LogLevelName, log: ErrorLog, workers: Pick<Node, 'setLogLevel'>) {
    this.#configured = configured
    this.#current = configured
    this.#log = log
    this.#workers = workers
  }

  get current(): LogLevelName {
    return this.#current
  }

  /**
   * The supervisor and every worker log at this level, those to come too.
   * @param seconds after which the configured level holds again; 0: with the next reload or restart
   */
  change(level: LogLevelName, seconds: number): void {
    clearTimeout(this.#revert)
    this.#set(level)
    if (seconds === 0) return
    const milliseconds = Math.min(seconds * 1000, longestTimer)
    this.#revert = setTimeout(() => this.#set(this.#configured), milliseconds).unref()
  }

  /** What was wanted for a while is over: the settings have been read again. */
  configure(level: LogLevelName): void {
    clearTimeout(this.#revert)
    this.#configured = level
    this.#set(level)
  }

  #set(level: LogLevelName): void {
    const changed = level !== this.#current
    this.#current = level
    this.#log.level = level
    this.#workers.setLogLevel(level)
    if (changed) this.#log.notice({ log_level: level }, 'the log level was changed')
  }
}
