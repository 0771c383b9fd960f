import { hashText, mix } from './hash.ts'
import type { Peer } from './peer.ts'

/** Points of all peers together at most: more take longer to sort than a change may cost. */
const mostPoints = 2 ** 18
/** Points of a peer of average weight at least, while there are not too many peers. */
const fewestPoints = 100
/** An index stands in the low bits of a number whose high bits are the place on the ring. */
const indexRange = 2 ** 20
const stride = 0x9e3779b1

/**
 * The points of peers on a circle of 32 bits: a key belongs to the peer of the first point from there on. A peer's
 * points depend on its address and on its weight against the average alone, so that one that comes or goes moves
 * only the keys that it gets or leaves.
 */
export class Ring {
  /** In ascending order. */
  readonly #points: Uint32Array
  /** The indexes of the peers to whom they belong. */
  readonly #owners: Uint32Array

  private constructor(points: Uint32Array, owners: Uint32Array) {
    this.#points = points
    this.#owners = owners
  }

  /** @param slots of the upstream: how finely the ring is dealt out */
  static of(peers: readonly Peer[], slots: number): Ring {
    const average = peers.reduce((sum, { weight }) => sum + weight, 0) / peers.length
    const each = Math.min(Math.max(fewestPoints, slots / 4), mostPoints / peers.length)
    const counts = peers.map(({ weight }) => Math.max(1, Math.round((each * weight) / average)))
    const order = new Float64Array(counts.reduce((sum, count) => sum + count, 0))
    let at = 0
    for (const [index, { key }] of peers.entries()) {
      const [base, salt] = [hashText(key), hashText(`${key}#`)]
      for (let point = 0; point < (counts[index] ?? 0); point++) {
        order[at++] = mix(mix(base + Math.imul(point, stride)) ^ salt) * indexRange + index
      }
    }
    order.sort()
    return new Ring(
      Uint32Array.from(order, (value) => Math.floor(value / indexRange)),
      Uint32Array.from(order, (value) => value % indexRange),
    )
  }

  get size(): number {
    return this.#points.length
  }

  /** The same ring without the points of some peers: their keys belong to the next ones. */
  only(isKept: (index: number) => boolean): Ring {
    const kept = this.#owners.map((owner) => (isKept(owner) ? 1 : 0))
    const keep = (_: number, at: number): boolean => kept[at] === 1
    return new Ring(this.#points.filter(keep), this.#owners.filter(keep))
  }

  /** The place of the first point at or behind a key. */
  find(key: number): number {
    let [low, high] = [0, this.#points.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#points[middle] ?? 0) < key) low = middle + 1
      else high = middle
    }
    return low < this.#points.length ? low : 0
  }

  /** To whom the point at a place belongs; places beyond the last go around. */
  owner(place: number): number {
    return this.#owners[place % this.#owners.length] ?? 0
  }
}
