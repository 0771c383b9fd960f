/** The candidate that is closest to a misspelt word, if one is close enough to be meant. */
export function suggest(word: string, candidates: Iterable<string>): string | undefined {
  let closest: string | undefined
  // A third of the letters may be wrong, at least two: beyond that a guess misleads.
  let best = Math.max(2, Math.floor(word.length / 3)) + 1
  for (const candidate of candidates) {
    const distance = editDistance(word, candidate)
    if (distance < best) {
      best = distance
      closest = candidate
    }
  }
  return closest
}

/** Letters to insert, delete, replace or swap with their neighbour (optimal string alignment). */
function editDistance(a: string, b: string): number {
  let before: number[] = []
  let above = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let row = 1; row <= a.length; row++) {
    const current = [row]
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1] ? 0 : 1
      const steps = [
        at(above, column) + 1,
        at(current, column - 1) + 1,
        at(above, column - 1) + same,
      ]
      if (a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]) {
        steps.push(at(before, column - 2) + 1)
      }
      current.push(Math.min(...steps))
    }
    before = above
    above = current
  }
  return at(above, b.length)
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY
}
