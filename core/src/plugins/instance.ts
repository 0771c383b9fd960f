import type {
  Awaitable,
  Buckets,
  NodeCounters,
  Instance,
  Log,
  Metrics,
  Once,
  Plugin,
  Shared,
} from '@kong-ts/pdk'
import { hashDocument } from '../declarative/hash-document.ts'
import { messageOf } from '../errors/message-of.ts'
import { blame } from '../errors/plugin-failure.ts'
import { Conduct } from './conduct.ts'
import { SetupTimers } from './setup-timers.ts'
import { within } from './within.ts'

/** What an instance needs from the process it runs in. */
export interface InstanceHost {
  readonly counters: NodeCounters
  readonly buckets: Buckets
  /** PEM certificates that verify servers; undefined: the system's. */
  readonly trusted?: readonly string[] | undefined
  /** The numbers of an instance. */
  shared(instance: string): Shared
  /**
   * For an instance, until its signal is aborted.
   * @param scope the same in every worker for an instance of this id and configuration
   */
  once(scope: () => string, signal: AbortSignal): Once
  /** An instance is there, or without a name gone; by its serial. */
  name(serial: number, who: { plugin: string; instance: string } | undefined): void
  /** What an instance counts, until the signal aborts. */
  metrics(life: AbortSignal): Metrics
  /** Hears that there is news of how an instance behaves. */
  behaved(instance: PluginInstance): void
  /** The log of a plugin's instance. */
  log(plugin: string, instance: string): Log
  /** Milliseconds that setup and teardown may take. */
  readonly setupTimeout: number
}

let made = 0

/**
 * A plugin with a configuration, set up once and torn down once. Whoever uses it retains it; the
 * configuration does so until the instance is replaced, a pipeline as long as a connection runs in it.
 */
export class PluginInstance {
  /** Tells instances apart within a process. */
  readonly serial: number
  readonly plugin: Plugin
  readonly self: Instance
  readonly conduct = new Conduct(() => this.#host.behaved(this))
  readonly #abort: AbortController
  readonly #timers: SetupTimers
  readonly #host: InstanceHost
  readonly #ended = Promise.withResolvers<void>()
  #users = 1

  private constructor(
    plugin: Plugin,
    self: Instance,
    abort: AbortController,
    host: InstanceHost,
    timers: SetupTimers,
  ) {
    this.#timers = timers
    this.serial = ++made
    this.plugin = plugin
    this.self = self
    this.#abort = abort
    this.#host = host
    host.name(this.serial, { plugin: plugin.name, instance: self.id })
  }

  /** @throws PluginFailure when `setup` throws or does not settle */
  static async create(
    id: string,
    plugin: Plugin,
    config: unknown,
    host: InstanceHost,
  ): Promise<PluginInstance> {
    const abort = new AbortController()
    const log = host.log(plugin.name, id)
    const kit = {
      id,
      config,
      log,
      clock: Date,
      signal: abort.signal,
      counters: scoped(host.counters, id),
      buckets: scopedBuckets(host.buckets, id, log),
      trusted: host.trusted,
      shared: host.shared(id),
      once: host.once(() => `${id} ${hashDocument(config)}`, abort.signal),
      metrics: host.metrics(abort.signal),
    }
    const timers = new SetupTimers()
    // What a setup has opened after all, when nobody waits for it any more, is closed again.
    const tearDownLate = (state: unknown): void => {
      new PluginInstance(plugin, { ...kit, state }, abort, host, timers).release()
    }
    try {
      const state = await within(
        host.setupTimeout,
        () => timers.during(() => plugin.setup?.(kit)),
        tearDownLate,
      )
      return new PluginInstance(plugin, { ...kit, state }, abort, host, timers)
    } catch (error) {
      abort.abort()
      throw blame(plugin.name, 'setup', error)
    }
  }

  /** Resolves after teardown. */
  get ended(): Promise<void> {
    return this.#ended.promise
  }

  retain(): void {
    this.#users += 1
  }

  release(): void {
    this.#users -= 1
    if (this.#users === 0) void this.#tearDown()
  }

  async #tearDown(): Promise<void> {
    this.#abort.abort()
    try {
      await within(this.#host.setupTimeout, (): Awaitable<void> =>
        this.plugin.teardown?.(this.self.state),
      )
    } catch (error) {
      this.self.log.error(
        { code: 'plugin_teardown_failed', error: messageOf(error), phase: 'teardown' },
        'the plugin failed to tear down',
      )
    }
    this.#host.name(this.serial, undefined)
    const kept = this.#timers.alive
    if (kept > 0) {
      const what = `${kept} of the timers of its setup go on after its teardown`
      this.self.log.warn({ code: 'plugin_kept_timers', timers: kept }, what)
    }
    this.#ended.resolve()
  }
}

/** Two instances never share a count, whatever keys they choose. */
function scoped(counters: NodeCounters, id: string): NodeCounters {
  return {
    take: (key, limit, until) => counters.take(`${id}:${key}`, limit, until),
    release: (key) => counters.release(`${id}:${key}`),
    learn: (key, until, learned) => counters.learn(`${id}:${key}`, until, learned),
  }
}

/** The same of rates; and whatever a plugin does when it is asked for bytes, it does to itself. */
function scopedBuckets(buckets: Buckets, id: string, log: Log): Buckets {
  return {
    rate: (key, bytesPerSecond, burst) => buckets.rate(`${id}:${key}`, bytesPerSecond, burst),
    allowance: (low, ask) =>
      buckets.allowance(low, () => {
        try {
          ask()
        } catch (error) {
          log.error({ error: messageOf(error) }, 'the plugin failed when it was asked for bytes')
        }
      }),
  }
}
