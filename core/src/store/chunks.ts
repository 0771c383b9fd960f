/** How many rows one statement takes: few sizes, so that there are few statements to prepare. */
const sizes = [256, 64, 16, 4, 1]

/** The items in their order, cut into pieces of those sizes. */
export function chunks<T>(items: readonly T[]): readonly (readonly T[])[] {
  const pieces: T[][] = []
  let start = 0
  for (const size of sizes) {
    for (; items.length - start >= size; start += size)
      pieces.push(items.slice(start, start + size))
  }
  return pieces
}

/** `($1, $2), ($3, $4)`: places for so many rows of so many values. */
export function places(rows: number, values: number): string {
  const row = (index: number): string =>
    `(${Array.from({ length: values }, (_, i) => `$${index * values + i + 1}`).join(', ')})`
  return Array.from({ length: rows }, (_, index) => row(index)).join(', ')
}
