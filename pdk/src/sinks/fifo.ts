/** Slots that may stand empty at the front before the rest moves up. */
const slack = 1024

/** First in, first out, each step at a cost that does not depend on how many wait. */
export class Fifo<T> {
  readonly #sizeOf: (item: T) => number
  #items: T[] = []
  #head = 0
  #size = 0

  /** @param sizeOf what an item adds to `size`; it says the same of an item every time */
  constructor(sizeOf: (item: T) => number) {
    this.#sizeOf = sizeOf
  }

  get length(): number {
    return this.#items.length - this.#head
  }

  /** The sizes of all items, together. */
  get size(): number {
    return this.#size
  }

  push(item: T): void {
    this.#items.push(item)
    this.#size += this.#sizeOf(item)
  }

  /** Takes the oldest, at most so many. */
  take(count: number): readonly T[] {
    const taken = this.#items.slice(this.#head, this.#head + count)
    for (const item of taken) this.#size -= this.#sizeOf(item)
    this.#head += taken.length
    if (this.#head === this.#items.length) this.#restart([])
    else if (this.#head > slack && this.#head * 2 > this.#items.length) {
      this.#restart(this.#items.slice(this.#head))
    }
    return taken
  }

  #restart(items: T[]): void {
    this.#items = items
    this.#head = 0
  }
}
