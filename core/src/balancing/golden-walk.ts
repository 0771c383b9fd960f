import { golden } from './smooth-sequence.ts'

/**
 * Takes turns by weights whose smallest round is too long to be written down: each index has a stretch of a circle,
 * which is walked around in steps of the golden ratio. After n turns no index is off by more than about log n of them.
 */
export class GoldenWalk {
  readonly #ends: Float64Array
  /** For each of as many equal parts of the circle: the index in which it begins. */
  readonly #guide: Uint32Array
  #at: number

  /** @param from from 0 to less than 1 */
  constructor(weights: readonly number[], from: number) {
    const total = weights.reduce((sum, weight) => sum + weight, 0)
    let sum = 0
    this.#ends = Float64Array.from(weights, (weight) => (sum += weight) / total)
    this.#guide = guideOf(this.#ends)
    this.#at = from
  }

  next(): number {
    this.#at = (this.#at + golden) % 1
    const last = this.#ends.length - 1
    let index = this.#guide[Math.floor(this.#at * this.#guide.length)] ?? last
    while (index < last && (this.#ends[index] ?? 1) <= this.#at) index++
    return index
  }
}

function guideOf(ends: Float64Array): Uint32Array {
  const guide = new Uint32Array(ends.length)
  let index = 0
  for (let part = 0; part < guide.length; part++) {
    while ((ends[index] ?? 1) <= part / guide.length) index++
    guide[part] = index
  }
  return guide
}
