import { checkAddition, checkSharedKey, fits } from '../addition.ts'
import type { Added, AddOptions, Clock, Shared } from '../kit.ts'

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

  constructor(clock: Clock) {
    this.#clock = clock
  }

  async add(key: string, amount: number, options: AddOptions): Promise<Added> {
    const addition = checkAddition(key, amount, options)
    this.#reach()
    const value = this.value(key)
    if (!fits(value, addition)) return { added: false, total: value }
    const total = value + amount
    this.#numbers.set(key, { value: total, until: addition.until })
    return { added: true, total }
  }

  async get(key: string): Promise<number> {
    checkSharedKey(key)
    this.#reach()
    return this.value(key)
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
    return [...this.#numbers].flatMap(([key, { until }]) => (until > now ? [key] : []))
  }

  #reach(): void {
    if (this.isAway) throw new Error('shared numbers cannot be reached: the database is away')
  }
}
