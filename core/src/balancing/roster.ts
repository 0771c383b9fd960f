import { Peer } from './peer.ts'
import { peerKey, type Place } from './places.ts'

/** The peers of a pool, by their addresses. One that is in no place any more stays while connections live on it. */
export class Roster {
  readonly #known = new Map<string, Peer>()
  #placed: ReadonlyMap<string, Peer> = new Map()

  /** Those that are in a place. */
  get placed(): ReadonlyMap<string, Peer> {
    return this.#placed
  }

  /** With those that are in no place any more. */
  all(): Iterable<Peer> {
    return this.#known.values()
  }

  get(key: string): Peer | undefined {
    return this.#known.get(key)
  }

  /**
   * Two places with the same address are one peer, with the weight of both.
   * @param meet is shown those that are new
   */
  place(places: readonly Place[], meet: (peer: Peer) => void): void {
    const placed = new Map<string, Peer>()
    for (const place of places) {
      const key = peerKey(place.ip, place.port)
      const twin = placed.get(key)
      if (twin) twin.move({ ...twin.place, weight: twin.weight + place.weight })
      else placed.set(key, this.#settle(key, place, meet))
    }
    this.#placed = placed
    for (const peer of this.#known.values()) this.release(peer)
  }

  /** Forgets a peer that is of no use any more. */
  release(peer: Peer): void {
    if (peer.own === 0 && !this.#placed.has(peer.key)) this.#known.delete(peer.key)
  }

  #settle(key: string, place: Place, meet: (peer: Peer) => void): Peer {
    const known = this.#known.get(key)
    if (known) {
      known.move(place)
      return known
    }
    const peer = new Peer(place)
    this.#known.set(key, peer)
    meet(peer)
    return peer
  }
}
