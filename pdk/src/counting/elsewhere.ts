import type { Learned } from '../kit.ts'

interface Group {
  /** What others know of this node. */
  told: number
  /** What all have told, this node included; it only grows. */
  heard: number
}

/**
 * What others have taken of a key: what all have told without what this node has told. Both only grow, so that it does
 * not matter in which order the workers of the node learn of it.
 */
export class Elsewhere {
  readonly #groups = new Map<number, Group>()

  learn({ told, heard }: Learned): void {
    for (const { until, amount } of told) this.#groupOf(until).told += amount
    for (const { until, amount } of heard) {
      const group = this.#groupOf(until)
      group.heard = Math.max(group.heard, amount)
    }
  }

  /** How many others hold, of those that come back after `now`. */
  out(now: number): number {
    let sum = 0
    for (const [until, { told, heard }] of this.#groups) {
      if (until <= now) this.#groups.delete(until)
      else sum += Math.max(0, heard - told)
    }
    return sum
  }

  /** When the next of them come back, in milliseconds since the epoch; never: Infinity. */
  next(): number {
    let next = Infinity
    for (const [until, { told, heard }] of this.#groups) {
      if (heard > told) next = Math.min(next, until)
    }
    return next
  }

  #groupOf(until: number): Group {
    const known = this.#groups.get(until)
    if (known) return known
    const group = { told: 0, heard: 0 }
    this.#groups.set(until, group)
    return group
  }
}
