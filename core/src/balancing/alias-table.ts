/**
 * Draws indexes by their weights, at the same cost however many there are (M. D. Vose, "A linear algorithm for
 * generating random numbers with a given distribution", 1991).
 */
export class AliasTable {
  readonly #keep: Float64Array
  readonly #alias: Uint32Array

  /** @param weights above 0 */
  constructor(weights: readonly number[]) {
    const count = weights.length
    const total = weights.reduce((sum, weight) => sum + weight, 0)
    this.#keep = Float64Array.from(weights, (weight) => (weight * count) / total)
    this.#alias = Uint32Array.from(weights, (_, index) => index)
    const [small, large] = [[] as number[], [] as number[]]
    for (const [index, share] of this.#keep.entries()) (share < 1 ? small : large).push(index)
    this.#fill(small, large)
  }

  /** @param at from 0 to less than 1, evenly distributed */
  draw(at: number): number {
    const scaled = at * this.#keep.length
    const index = Math.floor(scaled)
    return scaled - index < (this.#keep[index] ?? 1) ? index : (this.#alias[index] ?? index)
  }

  /** What a small one lacks of its place is given to a large one. */
  #fill(small: number[], large: number[]): void {
    for (;;) {
      const [low, high] = [small.pop(), large.pop()]
      if (low === undefined || high === undefined) {
        // What is left over is whole but for rounding.
        for (const index of [low ?? [], high ?? [], small, large].flat()) this.#keep[index] = 1
        return
      }
      this.#alias[low] = high
      const rest = (this.#keep[high] ?? 0) + (this.#keep[low] ?? 0) - 1
      this.#keep[high] = rest
      ;(rest < 1 ? small : large).push(high)
    }
  }
}
