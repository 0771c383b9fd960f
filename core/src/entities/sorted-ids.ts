/** Ids per chunk before it is split: small enough to shift in a microsecond, large enough to keep chunks few. */
const limit = 512

/** Ids in ascending order. Adding, removing and seeking cost O(log n), plus the shift within one small chunk. */
export class SortedIds {
  readonly #chunks: string[][] = [[]]
  #size = 0

  get size(): number {
    return this.#size
  }

  add(id: string): void {
    const index = this.#chunkFor(id)
    const chunk = this.#chunks[index] ?? []
    const place = firstNotBelow(chunk, id)
    if (chunk[place] === id) return
    chunk.splice(place, 0, id)
    this.#size += 1
    if (chunk.length > limit) this.#chunks.splice(index + 1, 0, chunk.splice(limit / 2))
  }

  delete(id: string): void {
    const index = this.#chunkFor(id)
    const chunk = this.#chunks[index] ?? []
    const place = firstNotBelow(chunk, id)
    if (chunk[place] !== id) return
    chunk.splice(place, 1)
    this.#size -= 1
    if (chunk.length === 0 && this.#chunks.length > 1) this.#chunks.splice(index, 1)
  }

  /** The ids above `after`, or all. The list must not change meanwhile. */
  *above(after = ''): Generator<string, undefined> {
    const first = this.#chunkFor(after)
    for (let index = first; index < this.#chunks.length; index++) {
      const chunk = this.#chunks[index] ?? []
      let place = index === first ? firstNotBelow(chunk, after) : 0
      if (chunk[place] === after) place++
      for (; place < chunk.length; place++) yield chunk[place] ?? ''
    }
    return undefined
  }

  /** The last chunk that begins at or below `id`. */
  #chunkFor(id: string): number {
    let [low, high] = [0, this.#chunks.length - 1]
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((this.#chunks[middle]?.[0] ?? '') <= id) low = middle
      else high = middle - 1
    }
    return low
  }
}

function firstNotBelow(chunk: readonly string[], id: string): number {
  let [low, high] = [0, chunk.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((chunk[middle] ?? '') < id) low = middle + 1
    else high = middle
  }
  return low
}
