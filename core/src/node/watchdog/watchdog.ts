import { SHARE_ENV, Worker as Thread } from 'node:worker_threads'
import { phaseNames } from '@kong-ts/pdk'
import { running } from '../../plugins/running.ts'
import { place } from '../../plugins/running-place.ts'
import type { Settings } from '../../settings/schema.ts'
import type { Named, Watch } from './messages.ts'
import { lookEvery } from './stall.mjs'

export interface WatchdogOptions {
  readonly settings: Pick<
    Settings,
    'error_log' | 'log_level' | 'plugin_stall_timeout' | 'worker_processes'
  >
  readonly files: Watch['files']
  /** The thread is of no use any more. */
  readonly failed: (error: Error) => void
}

/** Megabytes: it does next to nothing, and its memory is the price of it. */
const resourceLimits = { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 2 }

/** The event loop turns. */
function beat(): void {
  Atomics.add(running, place.beat, 1)
}

/**
 * A thread that finds out when a plugin holds up the event loop of this process, while it does. There is none before
 * there is a plugin.
 */
export class Watchdog {
  readonly #options: WatchdogOptions
  #thread: Thread | undefined
  #beating: NodeJS.Timeout | undefined
  #isClosed = false

  constructor(options: WatchdogOptions) {
    this.#options = options
  }

  /** An instance is there, or without a name gone. */
  name(serial: number, culprit: Named['culprit']): void {
    if (this.#isClosed || this.#options.settings.plugin_stall_timeout === 0) return
    if (culprit) this.#thread ??= this.#start()
    this.#thread?.postMessage({ serial, culprit } satisfies Named)
  }

  close(): void {
    this.#isClosed = true
    clearInterval(this.#beating)
    void this.#thread?.terminate()
    this.#thread = undefined
  }

  #start(): Thread {
    const { settings, files, failed } = this.#options
    const { error_log, log_level, plugin_stall_timeout, worker_processes } = settings
    const watch: Watch = {
      cell: running,
      place,
      phases: phaseNames,
      files,
      limit: plugin_stall_timeout,
      isReplaceable: worker_processes > 1,
      log: { error_log, log_level },
    }
    const url = new URL('./watchdog-thread.mjs', import.meta.url)
    const thread = new Thread(url, { workerData: watch, resourceLimits, env: SHARE_ENV })
    thread.on('error', failed)
    thread.unref()
    beat()
    this.#beating = setInterval(beat, lookEvery).unref()
    return thread
  }
}
