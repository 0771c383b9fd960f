import type { Peer } from './peer.ts'
import type { Ask, Picker } from './picker.ts'

/**
 * Why no peer could be picked: there is none with any weight, too little of the weight is healthy, or all that are
 * available have failed for this connection.
 */
export type Unpicked = 'none' | 'unhealthy' | 'tried'

/** The peers of which one is picked for a connection. */
export class Selection {
  readonly #picker: Picker
  #peers: ReadonlyMap<string, Peer> = new Map()
  #weighted: readonly Peer[] = []
  #weights: readonly number[] = []
  #refusal: Unpicked | undefined = 'none'

  constructor(picker: Picker) {
    this.#picker = picker
  }

  /**
   * From now on it picks among these; to be called again whenever their weights or their health have changed.
   * @param threshold percent of the weight that must be available, or more, for any of it to take connections
   */
  arrange(peers: ReadonlyMap<string, Peer>, threshold: number): void {
    this.#peers = peers
    this.#weigh([...peers.values()].filter(({ weight }) => weight > 0))
    const available = this.#weighted.filter((peer) => peer.available)
    const share = weightOf(available) / weightOf(this.#weighted)
    if (this.#weighted.length === 0) this.#refusal = 'none'
    else this.#refusal = share * 100 > threshold ? undefined : 'unhealthy'
    if (available.length > 0) this.#picker.use({ all: this.#weighted, available })
  }

  pick(ask: Ask): Peer | Unpicked {
    return this.#refusal ?? this.#picker.pick(ask) ?? 'tried'
  }

  /** All peers that are available and untried, best first, beginning with the one that was picked. */
  rank(ask: Ask, first: Peer): readonly Peer[] {
    if (this.#picker.rank) return this.#picker.rank(ask, first)
    const others = this.#weighted.filter((peer) => peer.available && !ask.tried.has(peer))
    const at = others.indexOf(first)
    return [first, ...others.slice(at + 1), ...others.slice(0, Math.max(0, at))]
  }

  /** The peer of this address, whether it takes connections or not. */
  find(key: string): Peer | undefined {
    return this.#peers.get(key)
  }

  /** The number of a peer's connections has changed. */
  moved(peer: Peer): void {
    this.#picker.moved?.(peer)
  }

  /** Who picks has less to do while the peers and their weights are the same. */
  #weigh(weighted: readonly Peer[]): void {
    const before = this.#weighted
    const isSame =
      weighted.length === before.length &&
      weighted.every((peer, index) => {
        return peer === before[index] && peer.weight === this.#weights[index]
      })
    if (isSame) return
    this.#weighted = weighted
    this.#weights = weighted.map(({ weight }) => weight)
  }
}

function weightOf(peers: readonly Peer[]): number {
  return peers.reduce((sum, { weight }) => sum + weight, 0)
}
