/** What lacks connections, as `WarmShelf` does. */
export interface Needy {
  readonly lacks: boolean
  /** Counts as there from the call on. Must not reject. */
  add(): Promise<void>
}

/** Fills shelves in turn, so many connects at the same time over all of them. */
export class Refills {
  readonly #together: number
  readonly #needy = new Set<Needy>()
  #running = 0

  constructor(together: number) {
    this.#together = together
  }

  nudge(shelf: Needy): void {
    this.#needy.add(shelf)
    while (this.#running < this.#together) {
      const next = this.#next()
      if (!next) return
      void this.#fill(next)
    }
  }

  async #fill(shelf: Needy): Promise<void> {
    this.#running += 1
    await shelf.add()
    this.#running -= 1
    this.nudge(shelf)
  }

  /** The first that lacks something; it goes to the end of the row. */
  #next(): Needy | undefined {
    for (const shelf of this.#needy) {
      this.#needy.delete(shelf)
      if (!shelf.lacks) continue
      this.#needy.add(shelf)
      return shelf
    }
    return undefined
  }
}
