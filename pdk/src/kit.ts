import type { Buckets } from './counting/bucket.ts'
import type { Metrics } from './metrics/metrics.ts'

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
  readonly counters: NodeCounters
  /** PEM certificates that verify servers, as the setting `trusted_certificate` has them; absent: the system's. */
  readonly trusted?: readonly string[] | undefined
  /** Numbers that outlive the process. */
  readonly shared: Shared
  /** Work that one worker does for all workers of the node. */
  readonly once: Once
  /** Rates and bytes that connections share. */
  readonly buckets: Buckets
  /** What it counts for `/metrics`. */
  readonly metrics: Metrics
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
   * @param until milliseconds since the epoch at which all permits of the key are free again (a window's end, the same
   *   for all who are counted together: each end has permits of its own), or how each comes back by itself; without it a permit is held until `release` or the worker's death
   */
  take(key: string, limit: number, until?: number | Returns): boolean | Promise<boolean>
  /** Gives one permit back. */
  release(key: string): void
}

/** Counters that also know what is counted elsewhere. */
export interface NodeCounters extends Counters {
  /**
   * Tells what is known of permits that others took who do not count here, other gateways for one: from then on `take`
   * counts them, on all workers of the node. Nobody is asked, and nobody is given what is over a limit already. Not for
   * permits that are held until `release`.
   * @param until as in `take`
   */
  learn(key: string, until: number | Returns, learned: Learned): void
}

/**
 * What was exchanged with others. Parts are apart by the moment at which they come back: the end of the window, or that of
 * each part of a sliding one.
 */
export interface Learned {
  /** What this worker has taken and told others of, since it last said so here. */
  readonly told: readonly Part[]
  /** Everything that others know of, including what this node has told. Of a token bucket: when it will be full. */
  readonly heard: readonly Part[]
}

/** How permits of a key come back by themselves, in milliseconds; always the same for the same key. */
export type Returns =
  /** One after the other, each takes so long: a token bucket, with the limit as its size. */
  | { readonly every: number }
  /** Each so long after it was taken, or up to 1 % later: a sliding window. */
  | { readonly after: number }

/**
 * Whole numbers under keys of the instance's own, which outlive the process: shared by all nodes of one PostgreSQL, else
 * kept in the node's prefix. Every call is a round trip to where they are kept. When that is away, the promise rejects
 * within seconds: the plugin decides whether it goes on.
 */
export interface Shared {
  /**
   * Adds `amount`, which may be negative, unless the sum would pass the limit. Atomic: of all nodes together never more
   * than the limit is added.
   * @param key at most 512 characters; a number of what is added for a time is another one than that of the same key
   *   without
   * @returns whether it was added, and the number after that; what takes away is always added
   * @throws (rejects with) TypeError for an amount that is no integer, a time that is none, a key that cannot be one
   */
  add(key: string, amount: number, options: AddOptions): Promise<Added>
  /** The number; 0 when the key is unknown or was forgotten. Not of what is added for a time. */
  get(key: string): Promise<number>
  /** What was added for a time and has not left yet, in the order in which it leaves. */
  parts(key: string): Promise<readonly Part[]>
}

/** How long it lasts what is added. */
export type AddOptions = AddUntil | AddFor

/** The number grows and shrinks, until it is forgotten as a whole: a fixed window. */
export interface AddUntil {
  /** Milliseconds since the epoch at which the key is forgotten, as the last addition has it. */
  readonly until: number
  /** What the sum may not pass; by default everything that is counted exactly (2^53 - 1). */
  readonly limit?: number
}

/** What is added leaves again by itself: a sliding window. What takes away takes what came last. */
export interface AddFor {
  /** Milliseconds after which it leaves, or up to 1 % later, never before; always the same for the same key. */
  readonly after: number
  /** Milliseconds since the epoch from which on that counts; now by default. */
  readonly at?: number
  /** What the sum may not pass; by default everything that is counted exactly (2^53 - 1). */
  readonly limit?: number
}

/** An amount that leaves a number at a time. */
export interface Part {
  /** Milliseconds since the epoch. */
  readonly until: number
  readonly amount: number
}

/** What came of an addition. */
export interface Added {
  readonly added: boolean
  /** The number afterwards. */
  readonly total: number
}

/** One run per node, and its result for every worker. */
export interface Once {
  /**
   * The result of `produce`, which runs in one worker at a time, however many ask; when that worker dies, another one's
   * `produce` has its turn. A failure is nobody's result but the callers' that waited for it. Everything is forgotten
   * with the instance, also when its configuration changes.
   * @param name tells the results of one instance apart
   * @param produce its result must be structured-cloneable; all callers of a worker get the same object, to be left
   *   as it is. The signal is aborted when the instance is torn down, and after five minutes.
   */
  <T>(name: string, produce: (signal: AbortSignal) => Promise<T>, options?: OnceOptions): Promise<T>
}

export interface OnceOptions {
  /** Milliseconds after which a result is produced anew when somebody asks; without it a result lasts. */
  readonly maxAge?: number
}
