import { messageOf } from '../errors/message-of.ts'
import type { Settings } from '../settings/schema.ts'
import type { LogLevel } from './logs/log-level.ts'
import type { OpenErrorLog } from './logs/log.ts'
import { needRestart, withoutRestart } from './configuration/need-restart.ts'
import type { Node } from './node.ts'
import type { RunningGateway, StartOptions, StartReport } from './description/running.ts'

export interface GatewayParts {
  readonly settings: Settings
  readonly errorLog: OpenErrorLog
  readonly logLevel: Pick<LogLevel, 'configure'>
  /** The log of the requests to the Admin API. */
  readonly requestLog: { reopen(): void }
  readonly node: Pick<Node, 'reload' | 'reopenLogs' | 'stop'>
  readonly reread: StartOptions['reread']
}

/** What a gateway has once it takes traffic. */
export interface Opened {
  readonly report: StartReport
  /** Finds out how to follow other settings, and does so when it is called back. @throws when that cannot be */
  follow(settings: Settings): Promise<() => void | Promise<void>>
  /** Closed before the node stops: nobody may ask for changes any more. */
  readonly first: AsyncDisposable
  /** Everything there is; closed once the node has stopped. */
  readonly all: AsyncDisposable
}

/** How a gateway follows its operator's wishes, and ends. */
export class Gateway {
  readonly #parts: GatewayParts
  readonly #ended = Promise.withResolvers<number>()
  /** The settings in use. */
  #settings: Settings
  #opened: Opened | undefined
  #stopping: Promise<void> | undefined
  #draining = false

  constructor(parts: GatewayParts) {
    this.#parts = parts
    this.#settings = parts.settings
  }

  /** From now on it takes traffic. */
  open(opened: Opened): RunningGateway {
    this.#opened = opened
    return {
      report: opened.report,
      ended: this.#ended.promise,
      reload: () => this.reload(),
      stop: (how, timeoutMs) => this.stop(how, timeoutMs),
    }
  }

  get report(): StartReport | undefined {
    return this.#opened?.report
  }

  /** Whether it takes traffic and goes on to do so. */
  get ready(): boolean {
    return this.#opened !== undefined && this.#stopping === undefined
  }

  /** Why nobody is to send connections here; nothing when all is well. In Kong's words. */
  get unready(): string | undefined {
    if (this.#opened === undefined) return 'router builds not yet complete'
    return this.#stopping !== undefined || this.#draining ? 'draining' : undefined
  }

  /** Tells load balancers to send no more connections, or to do so again; those that come are served. */
  drain(on: boolean): void {
    if (on !== this.#draining) {
      this.#parts.errorLog.log.notice(on ? 'set to drain: not ready' : 'no longer set to drain')
    }
    this.#draining = on
  }

  get settings(): Settings {
    return this.#settings
  }

  async reload(): Promise<void> {
    const { node, errorLog, requestLog } = this.#parts
    // The logs may have been rotated, whatever comes of the rest.
    errorLog.reopen()
    requestLog.reopen()
    node.reopenLogs()
    const before = this.#settings
    try {
      await this.#reload()
      errorLog.log.notice('reloaded')
    } catch (error) {
      const outcome =
        this.#settings === before
          ? 'not reloaded: everything goes on as before'
          : 'reloaded, but not all of it'
      errorLog.log.error({ error: messageOf(error) }, outcome)
      throw error
    }
  }

  async stop(_how: 'stop' | 'quit', timeoutMs?: number): Promise<void> {
    const patience = timeoutMs ?? this.#settings.drain_timeout
    if (this.#stopping) await this.#parts.node.stop(patience)
    this.#stopping ??= this.#stop(patience)
    await this.#stopping
  }

  async #reload(): Promise<void> {
    const { settings, node, errorLog, logLevel, reread } = this.#parts
    const next = reread()
    const wanted = withoutRestart(settings, next.settings)
    const follow = await this.#opened?.follow(wanted)
    const warnings = await node.reload(wanted)
    // The workers follow them already: whatever comes of the rest, an old token must not go on to open the door.
    this.#settings = wanted
    logLevel.configure(wanted.log_level)
    const all = [...next.warnings, ...needRestart(settings, next.settings), ...warnings]
    for (const warning of all) errorLog.log.warn(warning)
    await follow?.()
  }

  async #stop(patience: number): Promise<void> {
    try {
      await this.#opened?.first[Symbol.asyncDispose]()
      await this.#parts.node.stop(patience)
      await this.#opened?.all[Symbol.asyncDispose]()
      this.#ended.resolve(0)
    } catch (error) {
      this.#ended.reject(error)
    }
  }
}
