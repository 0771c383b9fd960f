import { isIPv4 } from 'node:net'
import type { Answer, Located } from './names.ts'

/** The addresses of an answer, best first. */
export type TakeTurns = (answer: Answer) => readonly Located[]

/**
 * The addresses of one answer take turns, by their weight where they have one. Those of IPv6 follow those of IPv4 as
 * a way out, as long as there is one of IPv4.
 * @param random from 0 up to 1: where the first turn begins, so that workers do not all begin with the same address
 */
export function createTurns(random: () => number = Math.random): TakeTurns {
  const turns = new WeakMap<Answer, Turn>()
  return (answer) => {
    if (answer.addresses.length < 2) return answer.addresses
    const known = turns.get(answer)
    const turn = known ?? new Turn(answer.addresses)
    if (!known) {
      turns.set(answer, turn)
      turn.skip(random())
    }
    return turn.take()
  }
}

/** Smooth weighted round robin: an address of twice the weight comes up twice as often, and not twice in a row. */
class Turn {
  readonly #first: readonly Located[]
  readonly #others: readonly Located[]
  readonly #credits: number[]
  readonly #total: number

  constructor(addresses: readonly Located[]) {
    const isFour = addresses.some(({ ip }) => isIPv4(ip))
    this.#first = addresses.filter(({ ip }) => isIPv4(ip) === isFour)
    this.#others = addresses.filter(({ ip }) => isIPv4(ip) !== isFour)
    this.#credits = this.#first.map(() => 0)
    this.#total = this.#first.reduce((sum, address) => sum + weightOf(address), 0)
  }

  skip(part: number): void {
    for (let left = Math.floor(part * this.#first.length); left > 0; left--) this.#next()
  }

  take(): readonly Located[] {
    const chosen = this.#next()
    return [...this.#first.slice(chosen), ...this.#first.slice(0, chosen), ...this.#others]
  }

  #next(): number {
    let best = 0
    for (const [index, address] of this.#first.entries()) {
      const credit = (this.#credits[index] ?? 0) + weightOf(address)
      this.#credits[index] = credit
      if (credit > (this.#credits[best] ?? 0)) best = index
    }
    this.#credits[best] = (this.#credits[best] ?? 0) - this.#total
    return best
  }
}

function weightOf({ weight = 1 }: Located): number {
  return weight
}
