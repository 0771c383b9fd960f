import { checkAddition, checkSharedKey, fits } from '../counting/addition.ts'
import type { Added, AddOptions, Clock, Part, Shared } from '../kit.ts'
import { addToParts, partsAt, totalOf } from '../counting/parts.ts'

interface Kept {
  readonly value: number
  readonly until: number
}

/** Shared numbers in memory. */
export class LocalShared implements Shared {
  /** While it is set, every promise rejects, as when the database is away. */
  isAway = false
  readonly #clock: Clock
  readonly #numbers = new Map<string, Kept>()
  readonly #parts = new Map<string, readonly Part[]>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  async add(key: string, amount: number, options: AddOptions): Promise<Added> {
    const addition = checkAddition(key, amount, options)
    this.#reach()
    const { lasts } = addition
    const parts = this.#partsOf(key)
    const value = lasts.after === undefined ? this.value(key) : totalOf(parts)
    if (!fits(value, addition)) return { added: false, total: value }
    if (lasts.after === undefined) {
      this.#numbers.set(key, { value: value + amount, until: lasts.until })
      return { added: true, total: value + amount }
    }
    const added = addToParts(parts, { amount, ...lasts }, this.#clock.now())
    this.#parts.set(key, added)
    return { added: true, total: totalOf(added) }
  }

  async get(key: string): Promise<number> {
    checkSharedKey(key)
    this.#reach()
    return this.value(key)
  }

  async parts(key: string): Promise<readonly Part[]> {
    checkSharedKey(key)
    this.#reach()
    return this.#partsOf(key)
  }

  /** The number under a key, for a test to look at, also while nobody can reach it. */
  value(key: string): number {
    const kept = this.#numbers.get(key)
    if (kept === undefined || kept.until > this.#clock.now()) return kept?.value ?? 0
    this.#numbers.delete(key)
    return 0
  }

  /** The keys that are not forgotten. */
  keys(): string[] {
    const now = this.#clock.now()
    const lasting = [...this.#numbers].flatMap(([key, { until }]) => (until > now ? [key] : []))
    return [...lasting, ...[...this.#parts.keys()].filter((key) => this.#partsOf(key).length > 0)]
  }

  #partsOf(key: string): readonly Part[] {
    return partsAt(this.#parts.get(key) ?? [], this.#clock.now())
  }

  #reach(): void {
    if (this.isAway) throw new Error('shared numbers cannot be reached: the database is away')
  }
}
