import { fits } from '@kong-ts/pdk/host'
import type { Sum } from '../../store/numbers.ts'
import { AskerQueue, type NumberAsker } from './gathering.ts'

/** Additions that are made as one. */
interface Together {
  readonly amount: number
  /** What their sum may not pass, so that none of them passes its own limit on the way. */
  readonly ceiling: number
  readonly askers: readonly NumberAsker[]
}

const { MAX_SAFE_INTEGER: most, MIN_SAFE_INTEGER: least } = Number

/**
 * Those that wait for one number, in their order. Many additions are one statement: they are made together as far as they
 * fit what the number was when it was last seen, or nothing; that they do is up to the store, which alone knows.
 */
export class NumberQueue extends AskerQueue {
  /** What the number was a moment ago, if somebody has looked. */
  #known = 0
  /** Whether to look before anything else. */
  #isOutdated = false
  #together: Together = nobody

  /** What to add next; undefined: the number is to be read. */
  next(): Sum | undefined {
    if (this.#isOutdated) return undefined
    const together = gather(this.askers, this.#known)
    this.#together = together
    const last = together.askers.at(-1)?.ask.sum
    if (!last) return undefined
    const { instance, key } = this
    return { instance, key, amount: together.amount, ceiling: together.ceiling, until: last.until }
  }

  /** What came of `next`: the number, or nothing because it did not fit. */
  added(total: number | undefined): void {
    this.#isOutdated = total === undefined
    if (total === undefined) return
    const { amount, askers } = this.#together
    let number = total - amount
    for (const { ask, settle } of this.askers.splice(0, askers.length)) {
      number += ask.sum?.amount ?? 0
      settle({ added: true, total: number })
    }
    this.seen(total)
  }

  /** The number as it is now: who cannot have what it wants, and who only wants to know, is answered. */
  seen(number: number): void {
    this.#known = number
    this.#isOutdated = false
    while (this.askers[0] && !isAddable(this.askers[0], number)) {
      this.askers.shift()?.settle({ added: false, total: number })
    }
  }
}

const nobody: Together = { amount: 0, ceiling: most, askers: [] }

/** The first of them as far as each fits after those before it. */
function gather(all: readonly NumberAsker[], number: number): Together {
  let amount = 0
  /** The most that the number may be before, for all of them to fit. */
  let room = most
  const askers: NumberAsker[] = []
  for (const asker of all) {
    const { sum } = asker.ask
    if (!sum || !fits(number + amount, sum)) break
    amount += sum.amount
    if (sum.amount >= 0) room = Math.min(room, sum.limit - amount)
    askers.push(asker)
  }
  return { amount, ceiling: Math.max(least, Math.min(most, room + amount)), askers }
}

function isAddable({ ask: { sum } }: NumberAsker, number: number): boolean {
  return sum !== undefined && fits(number, sum)
}
