import { GoldenWalk } from './golden-walk.ts'
import type { Peer } from './peer.ts'
import { drawFor, type Ask, type Candidates, type Picker, type Surroundings } from './picker.ts'
import { smoothSequence } from './smooth-sequence.ts'

/**
 * Peers take turns by their weights: in each round exactly, and evenly within it, while a round has 65,536 turns at
 * most; beyond that as evenly as the golden ratio does it. Workers begin at different turns.
 */
export class RoundRobin implements Picker {
  readonly #around: Surroundings
  readonly #draw = (): Peer | undefined => this.#available[this.#next()]
  #available: readonly Peer[] = []
  #next: () => number = () => 0

  constructor(around: Surroundings) {
    this.#around = around
  }

  use({ available }: Candidates): void {
    this.#available = available
    const weights = available.map(({ weight }) => weight)
    const sequence = smoothSequence(weights)
    this.#next = sequence ? this.#turnsOf(sequence) : this.#walkOf(weights)
  }

  pick(ask: Ask): Peer | undefined {
    return drawFor(ask, this.#available, this.#draw, this.#around)
  }

  #turnsOf(sequence: Uint32Array): () => number {
    let turn = Math.floor(this.#around.random() * sequence.length)
    return () => {
      turn = turn + 1 < sequence.length ? turn + 1 : 0
      return sequence[turn] ?? 0
    }
  }

  #walkOf(weights: readonly number[]): () => number {
    const walk = new GoldenWalk(weights, this.#around.random())
    return () => walk.next()
  }
}
