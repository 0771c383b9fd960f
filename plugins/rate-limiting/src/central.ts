import type { Part, Returns } from '@kong-ts/pdk'
import type { Rule } from './rules.ts'

/** Admissions that come back together. */
export interface Told extends Part {
  /** When the first of them was, in milliseconds since the epoch. */
  readonly at: number
}

/** What was admitted under one limit and is to be told; perhaps nothing, and one only wants to hear. */
export interface News {
  readonly rule: Rule
  /** What stands behind the name of the client: the limit, and its window. */
  readonly name: string
  /** When it comes back, as the counters of the node want to know it. */
  readonly until: number | Returns
  readonly told: readonly Told[]
}

/** Where the counts of many nodes come together. */
export interface Central {
  /**
   * Tells what was admitted to one client, and hears what all have told: for each of the news its parts, as
   * `Learned.heard` has them.
   * @throws (rejects) when it is away, or answers nonsense; it may have heard all the same
   */
  exchange(who: string, news: readonly News[]): Promise<readonly (readonly Part[])[]>
}
