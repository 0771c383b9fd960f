import { dirname, join } from 'node:path'
import { EntitySet } from '../entities/entity-set.ts'
import type { Change, Delta, Snapshot } from '../entities/rows.ts'
import { LocalNumbers } from './local-numbers.ts'
import { faultOfChanges } from './memory-constraints.ts'
import { readKept, writeKept } from './memory-file.ts'
import { StoreError } from './store.ts'
import type { Store } from './store.ts'

/** The store of a node without a database: rows in memory, and a copy in a file for the next start; numbers in one beside it. */
export class MemoryStore implements Store {
  readonly kind = 'off'
  /** Which configuration the rows are of; it is kept with the next write. */
  hash: string
  readonly numbers: LocalNumbers
  readonly #file: string
  readonly #set: EntitySet
  #tail: Promise<unknown> = Promise.resolve()
  #closed = false

  private constructor(file: string, hash: string, set: EntitySet) {
    this.#file = file
    this.numbers = new LocalNumbers(join(dirname(file), 'shared-numbers.db'))
    this.hash = hash
    this.#set = set
  }

  /**
   * @param hash what an empty configuration is called
   * @throws StoreError when the file cannot be read
   */
  static async open(file: string, hash: string): Promise<MemoryStore> {
    const kept = await readKept(file)
    return kept === undefined
      ? new MemoryStore(file, hash, EntitySet.empty())
      : new MemoryStore(file, kept.hash, EntitySet.from(kept.snapshot))
  }

  load(): Promise<Snapshot> {
    return this.#inTurn(async () => this.#set.snapshot())
  }

  commit(delta: Delta): Promise<void> {
    return this.#inTurn(async () => {
      const { base, revision, changes } = delta
      const stored = this.#set.revision
      if (stored !== base) {
        throw new StoreError('conflict', `the stored revision is ${stored}, not ${base}`)
      }
      const undo = this.#apply(changes, revision)
      try {
        await this.#write()
      } catch (error) {
        this.#set.apply(undo, base)
        throw error
      }
    })
  }

  /** Makes changes that are kept with the next write only: what a node starts with may turn out not to serve. */
  stage(changes: readonly Change[]): void {
    this.#apply(changes, this.#set.revision + 1)
  }

  /** Writes the file as it would be after a commit. */
  save(): Promise<void> {
    return this.#inTurn(() => this.#write())
  }

  check(): Promise<void> {
    return this.#inTurn(async () => undefined)
  }

  async close(): Promise<void> {
    await this.#tail
    this.#closed = true
    await this.numbers.close()
  }

  #apply(changes: readonly Change[], revision: number): readonly Change[] {
    let undo: readonly Change[] = []
    const before = this.#set.revision
    const fault = faultOfChanges(this.#set, changes, () => {
      undo = this.#set.apply(changes, revision)
    })
    if (fault === undefined) return undo
    this.#set.apply(undo, before)
    throw new Error(fault)
  }

  #write(): Promise<void> {
    return writeKept(this.#file, { hash: this.hash, snapshot: this.#set.snapshot() })
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#tail.then(() => {
      if (this.#closed) throw new StoreError('unavailable', 'the store is closed')
      return work()
    })
    // Whoever asked hears of the failure; the next in line does not.
    this.#tail = turn.catch(() => undefined)
    return turn
  }
}
