import type { Awaitable, Counters, Instance, Log, Once, Plugin, Shared } from '@kong-ts/pdk'
import { hashDocument } from '../declarative/hash-document.ts'
import { messageOf } from '../errors/message-of.ts'
import { blame } from '../errors/plugin-failure.ts'
import { Conduct } from './conduct.ts'
import { within } from './within.ts'

/** What an instance needs from the process it runs in. */
export interface InstanceHost {
  readonly counters: Counters
  /** PEM certificates that verify servers; undefined: the system's. */
  readonly trusted?: readonly string[] | undefined
  /** The numbers of an instance. */
  shared(instance: string): Shared
  /**
   * For an instance, until its signal is aborted.
   * @param scope the same in every worker for an instance of this id and configuration
   */
  once(scope: () => string, signal: AbortSignal): Once
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
  readonly conduct = new Conduct()
  readonly #abort: AbortController
  readonly #host: InstanceHost
  readonly #ended = Promise.withResolvers<void>()
  #users = 1

  private constructor(plugin: Plugin, self: Instance, abort: AbortController, host: InstanceHost) {
    this.serial = ++made
    this.plugin = plugin
    this.self = self
    this.#abort = abort
    this.#host = host
  }

  /** @throws PluginFailure when `setup` throws or does not settle */
  static async create(
    id: string,
    plugin: Plugin,
    config: unknown,
    host: InstanceHost,
  ): Promise<PluginInstance> {
    const abort = new AbortController()
    const kit = {
      id,
      config,
      log: host.log(plugin.name, id),
      clock: Date,
      signal: abort.signal,
      counters: scoped(host.counters, id),
      trusted: host.trusted,
      shared: host.shared(id),
      once: host.once(() => `${id} ${hashDocument(config)}`, abort.signal),
    }
    // What a setup has opened after all, when nobody waits for it any more, is closed again.
    const tearDownLate = (state: unknown): void => {
      new PluginInstance(plugin, { ...kit, state }, abort, host).release()
    }
    try {
      const state = await within(host.setupTimeout, () => plugin.setup?.(kit), tearDownLate)
      return new PluginInstance(plugin, { ...kit, state }, abort, host)
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
        { error: messageOf(error), phase: 'teardown' },
        'the plugin failed to tear down',
      )
    }
    this.#ended.resolve()
  }
}

/** Two instances never share a count, whatever keys they choose. */
function scoped(counters: Counters, id: string): Counters {
  return {
    take: (key, limit, until) => counters.take(`${id}:${key}`, limit, until),
    release: (key) => counters.release(`${id}:${key}`),
  }
}
