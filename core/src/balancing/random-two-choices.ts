import { AliasTable } from './alias-table.ts'
import type { Peer } from './peer.ts'
import { drawFor, type Ask, type Candidates, type Picker, type Surroundings } from './picker.ts'

/** Draws for a second peer that is not the first one. */
const patience = 4

/** Of two peers, drawn by their weights, the one that is better off. */
export class RandomTwoChoices implements Picker {
  readonly #around: Surroundings
  /** Less is better. */
  readonly #rate: (peer: Peer) => number
  readonly #draw = (): Peer | undefined => {
    return this.#available[this.#table.draw(this.#around.random())]
  }
  #available: readonly Peer[] = []
  #table = new AliasTable([])

  /** @param rate by live connections against the weight where nothing else is said */
  constructor(around: Surroundings, rate: (peer: Peer) => number = loadOf) {
    this.#around = around
    this.#rate = (peer) => {
      return peer.slow ? rate(peer) / peer.share(around.now()) : rate(peer)
    }
  }

  use({ available }: Candidates): void {
    this.#available = available
    this.#table = new AliasTable(available.map(({ weight }) => weight))
  }

  pick(ask: Ask): Peer | undefined {
    const first = this.#drawFor(ask)
    if (first === undefined || this.#available.length === 1) return first
    const second = this.#available.length === 2 ? this.#other(ask, first) : this.#second(ask, first)
    return second !== undefined && this.#rate(second) < this.#rate(first) ? second : first
  }

  rank({ tried }: Ask, first: Peer): readonly Peer[] {
    const others = this.#available.filter((peer) => peer !== first && !tried.has(peer))
    return [first, ...others.toSorted((a, b) => this.#rate(a) - this.#rate(b))]
  }

  #second(ask: Ask, first: Peer): Peer | undefined {
    let second = this.#drawFor(ask)
    for (let count = 1; count < patience && second === first; count++) second = this.#drawFor(ask)
    return second
  }

  /** Between two there is no chance. */
  #other({ tried }: Ask, first: Peer): Peer | undefined {
    return this.#available.find((peer) => peer !== first && !tried.has(peer))
  }

  #drawFor(ask: Ask): Peer | undefined {
    return drawFor(ask, this.#available, this.#draw, this.#around)
  }
}

function loadOf({ load, weight }: Peer): number {
  return load / weight
}
