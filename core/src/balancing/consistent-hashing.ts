import { mix } from './hash.ts'
import type { Peer } from './peer.ts'
import type { Ask, Candidates, Picker, Surroundings } from './picker.ts'
import { Ring } from './ring.ts'
import { RoundRobin } from './round-robin.ts'

/** Points that are walked over before any peer will do that was not tried. */
const walkAtMost = 4096

/**
 * A key always leads to the same peer, and to the next one on the ring while that takes none or has failed.
 * Connections without a key take turns, where Kong sends all of them to one peer.
 */
export class ConsistentHashing implements Picker {
  readonly #around: Surroundings
  readonly #slots: number
  readonly #turns: RoundRobin
  #all: readonly Peer[] = []
  #available: readonly Peer[] = []
  #whole: Ring | undefined
  #ring: Ring | undefined

  constructor(around: Surroundings, slots: number) {
    this.#around = around
    this.#slots = slots
    this.#turns = new RoundRobin(around)
  }

  use(candidates: Candidates): void {
    const { all, available } = candidates
    if (all !== this.#all) this.#whole = undefined
    this.#all = all
    this.#available = available
    this.#ring = undefined
    this.#turns.use(candidates)
  }

  pick(ask: Ask): Peer | undefined {
    const key = ask.key()
    if (key === undefined) return this.#turns.pick(ask)
    return this.#walk(key, ask) ?? this.#turns.pick(ask)
  }

  rank(ask: Ask, first: Peer): readonly Peer[] {
    const key = ask.key()
    const ring = (this.#ring ??= this.#build())
    const from = key === undefined ? 0 : ring.find(key)
    const ranked = new Set([first])
    for (let step = 0; step < ring.size && ranked.size < this.#available.length; step++) {
      const peer = this.#all[ring.owner(from + step)]
      if (peer && !ask.tried.has(peer)) ranked.add(peer)
    }
    return [...ranked]
  }

  #walk(key: number, { tried }: Ask): Peer | undefined {
    const ring = (this.#ring ??= this.#build())
    const from = ring.find(key)
    let slow: Peer | undefined
    for (let step = 0; step < Math.min(ring.size, walkAtMost); step++) {
      const peer = this.#all[ring.owner(from + step)]
      if (peer === undefined || tried.has(peer)) continue
      if (!peer.slow || this.#keeps(peer, key)) return peer
      slow ??= peer
    }
    return slow
  }

  /** The points of those that take none are left out, so that the others' keys stay where they are. */
  #build(): Ring {
    this.#whole ??= Ring.of(this.#all, this.#slots)
    if (this.#available.length === this.#all.length) return this.#whole
    const available = new Set(this.#available)
    const kept = this.#all.map((peer) => available.has(peer))
    return this.#whole.only((index) => kept[index] ?? false)
  }

  /** In its slow start a peer has its keys back one after the other, each for good. */
  #keeps(peer: Peer, key: number): boolean {
    return mix(key ^ 0x5bd1e995) / 2 ** 32 < peer.share(this.#around.now())
  }
}
