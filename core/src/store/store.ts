import type { Delta, Snapshot } from '../entities/rows.ts'

/** Where the configuration is kept. Only the supervisor opens one. */
export interface Store {
  readonly kind: 'embedded' | 'postgres' | 'off'
  load(): Promise<Snapshot>
  /**
   * One transaction; durable once it resolves.
   * @throws StoreError `conflict` when `delta.base` is not the stored revision: load again and repeat;
   *   `unavailable` when the store cannot be reached or written
   */
  commit(delta: Delta): Promise<void>
  /**
   * Whether what is stored can be read: cheap, and as slow as a lock or a network may be.
   * @throws StoreError when it cannot
   */
  check(): Promise<void>
  close(): Promise<void>
}

export class StoreError extends Error {
  override readonly name = 'StoreError'
  readonly reason: 'conflict' | 'unavailable' | 'corrupt'
  constructor(reason: StoreError['reason'], message: string, options?: ErrorOptions) {
    super(message, options)
    this.reason = reason
  }
}
