import type { ToWorker } from '../../balancing/messages.ts'
import type { Delta, Snapshot } from '../../entities/rows.ts'
import type { KitWorker } from '../kit/kit-desk.ts'
import type { LogLevelName } from '../../settings/log-levels.ts'

/** How many connections a worker has accepted since it started, and how many live. */
export interface Traffic {
  readonly accepted: number
  readonly active: number
}

/** A worker as the supervisor sees it: in this process or in one of its own. */
export interface WorkerLink extends KitWorker {
  readonly pid: number
  /** As last heard; a worker process tells once a second. */
  readonly traffic: Traffic
  /** Bytes of JavaScript objects in its process, those that are garbage included; as last heard. */
  readonly heap: number
  /** Bytes of memory of its process; as last heard. */
  readonly resident: number
  /** Resolves when the worker has died or was ended. */
  readonly gone: Promise<void>
  /**
   * Loads the configuration and starts to accept; resolves once it takes traffic. When it rejects, nothing was
   * taken from the predecessor.
   * @param predecessor the worker whose listeners it takes over, if it lives in the same process
   */
  start(snapshot: Snapshot, predecessor?: WorkerLink): Promise<void>
  /** @throws Veto when the change cannot be served; WorkerLost when the worker is the problem */
  prepare(delta: Delta): Promise<void>
  /** Resolves once new connections follow the prepared change. */
  swap(): Promise<void>
  /** Takes back what was prepared, if anything was. */
  discard(): void
  /**
   * Stops accepting and ends after at most so many milliseconds, and a little. May be called at any time, and again
   * with less patience.
   */
  drain(milliseconds: number): Promise<void>
  reopenLogs(): void
  /** The least level that it logs from now on. */
  setLogLevel(level: LogLevelName): void
  /** New keys for the TLS session tickets of future handshakes, derived from this secret. */
  renewTickets(secret: Uint8Array): void
  /** Tells it about upstreams; in order, and before it takes traffic when it was told before `start`. */
  tell(message: ToWorker): void
  /** Ends it at once, connections and all. */
  kill(): void
}

/** A worker says that a change cannot be served. */
export class Veto extends Error {
  override readonly name = 'Veto'
  /** The plugin whose setup failed, if it was one. */
  readonly plugin: string | undefined
  constructor(message: string, plugin?: string) {
    super(message)
    this.plugin = plugin
  }
}

/** A worker died or did not answer. */
export class WorkerLost extends Error {
  override readonly name = 'WorkerLost'
}

/** The node is on its way out and takes no change any more. */
export class Stopping extends Error {
  override readonly name = 'Stopping'
  constructor() {
    super('kong-ts is stopping')
  }
}
