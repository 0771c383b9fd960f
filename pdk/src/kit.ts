/** What a configured plugin instance is given. */
export interface Kit<Config = unknown> {
  /** The id of the configured plugin, stable over changes of its configuration. */
  readonly id: string
  /** Validated and complete. */
  readonly config: Config
  /** The gateway's log, bound to this plugin and instance. */
  readonly log: Log
  readonly clock: Clock
  /** Aborted when the instance is torn down. */
  readonly signal: AbortSignal
  /** Counts that hold across the workers of a node. */
  readonly counters: Counters
  /** PEM certificates that verify servers, as the setting `trusted_certificate` has them; absent: the system's. */
  readonly trusted?: readonly string[] | undefined
}

/** Time, as a dependency: the test kit moves it by hand. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
}

export type LogFields = Readonly<Record<string, unknown>>

/** A structured log; the fields come first, as in pino. */
export interface Log {
  debug(fields: LogFields, message: string): void
  info(fields: LogFields, message: string): void
  warn(fields: LogFields, message: string): void
  error(fields: LogFields, message: string): void
}

/** Permits under keys, exact across the workers of a node: neither over nor under. */
export interface Counters {
  /**
   * Takes one permit of `key` if fewer than `limit` are taken. Answers at once while this worker holds a lease,
   * otherwise with a promise.
   * @param until milliseconds since the epoch at which all permits of the key are free again (a window's end), or how
   *   each comes back by itself; without it a permit is held until `release` or the worker's death
   */
  take(key: string, limit: number, until?: number | Returns): boolean | Promise<boolean>
  /** Gives one permit back. */
  release(key: string): void
}

/** How permits of a key come back by themselves, in milliseconds; always the same for the same key. */
export type Returns =
  /** One after the other, each takes so long: a token bucket, with the limit as its size. */
  | { readonly every: number }
  /** Each so long after it was taken, or up to 1 % later: a sliding window. */
  | { readonly after: number }
