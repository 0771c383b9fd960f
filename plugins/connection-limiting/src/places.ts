import type { Awaitable, Counters } from '@kong-ts/pdk'

/** Which connections of an instance have a place, and under which key each of them counts. */
export class Places {
  readonly #counters: Counters
  readonly #limit: number
  /** By the connection's id; without a key it still waits for its place. */
  readonly #keys = new Map<string, string | undefined>()

  constructor(counters: Counters, limit: number) {
    this.#counters = counters
    this.#limit = limit
  }

  /** Whether there is room; one that has a place keeps it. Answers at once while the counters do. */
  take(connection: string, key: string): Awaitable<boolean> {
    if (this.#keys.has(connection)) return true
    const taken = this.#counters.take(key, this.#limit)
    if (typeof taken === 'boolean') {
      if (taken) this.#keys.set(connection, key)
      return taken
    }
    this.#keys.set(connection, undefined)
    return taken.then(
      (isTaken) => this.#settle(connection, key, isTaken),
      (error: unknown) => {
        this.#keys.delete(connection)
        throw error
      },
    )
  }

  /** Gives the place of a connection back, if it has one; one that it still waits for is given back when it comes. */
  free(connection: string): void {
    const key = this.#keys.get(connection)
    this.#keys.delete(connection)
    if (key !== undefined) this.#counters.release(key)
  }

  /** Gives back what is left of connections whose end nobody has told. */
  freeAll(): void {
    for (const connection of this.#keys.keys()) this.free(connection)
  }

  #settle(connection: string, key: string, isTaken: boolean): boolean {
    const isThere = this.#keys.delete(connection)
    if (!isTaken) return false
    if (isThere) this.#keys.set(connection, key)
    else this.#counters.release(key)
    return true
  }
}
