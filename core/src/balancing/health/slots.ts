/** So many may be at work at a time; the others wait for their turn, in order. */
export class Slots {
  readonly #waiting: (() => void)[] = []
  #limit: number
  #taken = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  set limit(limit: number) {
    this.#limit = limit
    this.#admit()
  }

  /** Does the work when it is its turn; the slot is free again once it has ended, in whatever way. */
  async run(work: () => Promise<void>): Promise<void> {
    if (this.#taken < this.#limit) this.#taken += 1
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
    try {
      await work()
    } finally {
      this.#taken -= 1
      this.#admit()
    }
  }

  #admit(): void {
    while (this.#taken < this.#limit) {
      const next = this.#waiting.shift()
      if (!next) return
      this.#taken += 1
      next()
    }
  }
}
