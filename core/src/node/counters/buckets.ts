/** What is counted under one key in one window, or without a window until it is released. */
export interface Bucket {
  readonly key: string
  /** The window's end in milliseconds since the epoch. */
  readonly until: number | undefined
}

/** How long after a window's end a take that was under way is still counted in it, in milliseconds. */
const lateness = 1000

/**
 * How many keys each sweep looks at. A sweep goes with every bucket that is opened at least, and a bucket goes at its
 * second visit: with four visits the buckets that could go never outnumber those that cannot.
 */
const visits = 4

/** Whether nobody may count in that window any more. */
export function isPast(until: number | undefined, now: number): boolean {
  return until !== undefined && now >= until + lateness
}

/** Buckets by key and window; there are two of a key only around a window's end. */
export class Buckets<B extends Bucket> {
  readonly #byKey = new Map<string, readonly B[]>()
  #rest = this.#byKey.values()

  /** How many keys there are. */
  get size(): number {
    return this.#byKey.size
  }

  find(key: string, until: number | undefined): B | undefined {
    return this.#byKey.get(key)?.find((bucket) => bucket.until === until)
  }

  /** The newest bucket of the key that passes. */
  findLast(key: string, passes: (bucket: B) => boolean): B | undefined {
    return this.#byKey.get(key)?.findLast(passes)
  }

  add(bucket: B): B {
    this.#byKey.set(bucket.key, [...(this.#byKey.get(bucket.key) ?? []), bucket])
    return bucket
  }

  remove(bucket: B): void {
    const others = this.#byKey.get(bucket.key)?.filter((other) => other !== bucket) ?? []
    if (others.length === 0) this.#byKey.delete(bucket.key)
    else this.#byKey.set(bucket.key, others)
  }

  all(): readonly B[] {
    return [...this.#byKey.values()].flat()
  }

  clear(): void {
    this.#byKey.clear()
  }

  /** Removes what is over among the next few keys: no timer, and no pause when there are many. */
  sweep(isOver: (bucket: B) => boolean): void {
    for (let i = 0; i < visits; i++) {
      const next = this.#rest.next()
      if (next.done) {
        this.#rest = this.#byKey.values()
        return
      }
      for (const bucket of next.value) if (isOver(bucket)) this.remove(bucket)
    }
  }
}
