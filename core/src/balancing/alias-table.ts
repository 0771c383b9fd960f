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
    const indexes = [...weights.keys()]
    const isSmall = (index: number): boolean => this.#shareOf(index) < 1
    this.#fill(
      indexes.filter(isSmall),
      indexes.filter((index) => !isSmall(index)),
    )
  }

  /** @param at from 0 to less than 1, evenly distributed */
  draw(at: number): number {
    const scaled = at * this.#keep.length
    const index = Math.floor(scaled)
    return scaled - index < (this.#keep[index] ?? 1) ? index : (this.#alias[index] ?? index)
  }

  /** What a small one lacks of its place is given to a large one. */
  #fill(small: number[], large: number[]): void {
    for (let low = small.pop(), high = large.pop(); ; low = small.pop(), high = large.pop()) {
      // What is left over is whole but for rounding.
      if (low === undefined || high === undefined) {
        return this.#keepWhole([low, high, ...small, ...large])
      }
      this.#alias[low] = high
      const rest = this.#shareOf(high) + this.#shareOf(low) - 1
      this.#keep[high] = rest
      if (rest < 1) small.push(high)
      else large.push(high)
    }
  }

  #keepWhole(indexes: readonly (number | undefined)[]): void {
    for (const index of indexes) if (index !== undefined) this.#keep[index] = 1
  }

  #shareOf(index: number): number {
    return this.#keep[index] ?? 0
  }
}
