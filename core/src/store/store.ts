import type { Delta, Snapshot } from '../entities/rows.ts'
import type { History } from './history.ts'
import type { Numbers } from './numbers.ts'
import type { Authorship } from './revisions.ts'

/** Where the configuration is kept. Only the supervisor opens one. */
export interface Store {
  readonly kind: 'embedded' | 'postgres' | 'off'
  load(): Promise<Snapshot>
  /**
   * One transaction; durable once it resolves.
   * @throws StoreError `conflict` when `delta.base` is not the stored revision: load again and repeat;
   *   `unavailable` when the store cannot be reached or written
   */
  commit(delta: Delta, by?: Authorship): Promise<void>
  /**
   * Whether what is stored can be read: cheap, and as slow as a lock or a network may be.
   * @throws StoreError when it cannot
   */
  check(): Promise<void>
  close(): Promise<void>
  /** What plugins count. */
  readonly numbers: Numbers
  /** What has changed, where that is remembered. */
  readonly history?: History
  /** Where other nodes may write to the same store. */
  readonly shared?: Shared
}

/** What a node does with a store that it shares with others. */
export interface Shared {
  /** As it was last seen. */
  readonly health: StoreHealth
  /**
   * What came after a revision, in order, without a gap; undefined when that cannot be told any more: reload.
   * @throws StoreError `unavailable`
   */
  since(revision: number): Promise<readonly Delta[] | undefined>
  /** The configuration as it is now, where `load` may answer with one that is a little older. */
  reload(): Promise<Snapshot>
  /** Tells what happens, until the store is closed. */
  watch(watcher: Watcher): void
  /** Keeps what this node serves, for a start while the store is away. */
  keep(snapshot: () => Snapshot, delta?: Delta): Promise<void>
}

export interface Watcher {
  /** Others may have changed the configuration: it was `told` of a revision, or has `seen` which one is stored. */
  readonly changed: (revision: number, how: 'told' | 'seen') => void
  /** The store went away or came back. */
  readonly health: (health: StoreHealth) => void
}

export interface StoreHealth {
  readonly reachable: boolean
  /** Why it cannot be used. */
  readonly error?: string
}

export class StoreError extends Error {
  override readonly name = 'StoreError'
  /** `unknown`: the store was lost while it committed, so that it may have. */
  readonly reason: 'conflict' | 'unavailable' | 'corrupt' | 'unknown'
  constructor(reason: StoreError['reason'], message: string, options?: ErrorOptions) {
    super(message, options)
    this.reason = reason
  }
}
