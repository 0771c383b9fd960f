/** Turns of the longest sequence; beyond it a sequence costs more memory than its exactness is worth. */
const longest = 65_536
/** The fractions of multiples of the golden ratio lie as evenly as those of any number. */
export const golden = (Math.sqrt(5) - 1) / 2
/** An index stands in the low bits of a number whose high bits order it. */
const indexRange = 2 ** 17

/**
 * The order in which indexes take turns so that each has exactly its share in a round, and its turns lie evenly in it;
 * undefined when that takes too many turns.
 * @param weights whole numbers above 0
 */
export function smoothSequence(weights: readonly number[]): Uint32Array | undefined {
  const divisor = weights.reduce(gcd, 0)
  const total = weights.reduce((sum, weight) => sum + weight / divisor, 0)
  if (total > longest) return undefined
  if (total === weights.length) return Uint32Array.from(weights, (_, index) => index)
  const order = new Float64Array(total)
  let at = 0
  for (const [index, weight] of weights.entries()) {
    const turns = weight / divisor
    // Equal weights must not have their turns side by side.
    const offset = (index * golden) % 1
    for (let turn = 0; turn < turns; turn++) {
      order[at++] = Math.floor(((turn + offset) / turns) * 2 ** 32) * indexRange + index
    }
  }
  return Uint32Array.from(order.toSorted(), (each) => each % indexRange)
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b)
}
