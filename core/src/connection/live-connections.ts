export interface Placed {
  /** Where it stands in the list of live ones; the list's own business. */
  place: number
}

/**
 * The connections that have not ended, in no order. Not a `Set`: each table that a busy set outgrows holds on to
 * those that were in it, and once one has grown old the garbage collector takes the next ones for old, too.
 * Measured: a fifth of all sessions were kept until the next full collection.
 */
export class LiveConnections<T extends Placed> {
  readonly #list: T[] = []

  get size(): number {
    return this.#list.length
  }

  add(live: T): void {
    live.place = this.#list.length
    this.#list.push(live)
  }

  has(live: T): boolean {
    return this.#list[live.place] === live
  }

  /** Does nothing for one that is not there. */
  delete(live: T): void {
    if (!this.has(live)) return
    const list = this.#list
    const last = list.pop()
    if (last === undefined || last === live) return
    list[live.place] = last
    last.place = live.place
  }

  /** As it is now: those that are looked at may leave meanwhile. */
  [Symbol.iterator](): Iterator<T> {
    return [...this.#list].values()
  }
}
