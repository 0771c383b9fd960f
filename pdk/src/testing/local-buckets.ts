import type { Allowance, Bucket, Buckets } from '../counting/bucket.ts'
import type { Awaitable } from '../plugin.ts'

/** A connection that draws from a bucket. */
export interface Drawer {
  end(reason: string): void
}

/** A bucket that the test kit's relay can take from. */
export interface Drawn extends Bucket {
  /** How many of so many bytes may pass now; waits while there are none, for ever once the drawer has left. */
  take(wanted: number, drawer: Drawer): Awaitable<number>
  join(drawer: Drawer): void
  leave(drawer: Drawer): void
}

/** A rate that a plugin has asked for. Time stands still in a test: bytes pass at once. */
export class LocalRate implements Drawn {
  readonly left = Infinity
  readonly key: string
  readonly bytesPerSecond: number
  readonly burst: number | undefined

  constructor(key: string, bytesPerSecond: number, burst?: number) {
    this.key = key
    this.bytesPerSecond = bytesPerSecond
    this.burst = burst
  }

  take(wanted: number): number {
    return wanted
  }

  join(): void {}

  leave(): void {}
}

/** Granted bytes: what passes was granted before, as in the gateway. */
export class LocalAllowance implements Allowance, Drawn {
  readonly #low: number
  readonly #ask: () => void
  readonly #drawers = new Set<Drawer>()
  #left = 0
  #waiting: { readonly drawer: Drawer; readonly goOn: () => void }[] = []
  #toldLow = false
  #toldEmpty = false
  #closed = false

  constructor(low: number, ask: () => void) {
    this.#low = low
    this.#ask = ask
  }

  get left(): number {
    return this.#left
  }

  take(wanted: number, drawer: Drawer): Awaitable<number> {
    if (this.#closed) return wanted
    if (this.#left < 1) return this.#wait(wanted, drawer)
    const taken = Math.min(wanted, this.#left)
    this.#left -= taken
    if (this.#left < this.#low && !this.#toldLow) {
      this.#toldLow = true
      queueMicrotask(this.#ask)
    }
    return taken
  }

  grant(bytes: number): void {
    this.#left += bytes
    this.#toldLow = this.#toldEmpty = false
    for (const { goOn } of this.#waiting.splice(0)) goOn()
  }

  end(reason: string): void {
    for (const drawer of this.#drawers) {
      this.leave(drawer)
      drawer.end(reason)
    }
    // Whoever finds it empty from now on is told anew.
    this.#toldLow = this.#toldEmpty = false
  }

  close(): void {
    this.#closed = true
    this.grant(0)
  }

  join(drawer: Drawer): void {
    this.#drawers.add(drawer)
  }

  leave(drawer: Drawer): void {
    this.#drawers.delete(drawer)
    this.#waiting = this.#waiting.filter((waiting) => waiting.drawer !== drawer)
  }

  async #wait(wanted: number, drawer: Drawer): Promise<number> {
    await new Promise<void>((resolve) => {
      this.#waiting.push({ drawer, goOn: resolve })
      if (this.#toldEmpty) return
      this.#toldEmpty = true
      queueMicrotask(this.#ask)
    })
    return this.take(wanted, drawer)
  }
}

export const localBuckets: Buckets = {
  rate(key, bytesPerSecond, burst) {
    if (!(bytesPerSecond > 0)) throw new RangeError(`a rate is more than 0, not ${bytesPerSecond}`)
    return new LocalRate(key, bytesPerSecond, burst)
  },
  allowance: (low, ask) => new LocalAllowance(low, ask),
}

/** @throws TypeError for what is no bucket of this kit */
export function drawnOf(bucket: Bucket): Drawn {
  if (bucket instanceof LocalRate || bucket instanceof LocalAllowance) return bucket
  throw new TypeError('draw(…) takes a bucket of the kit')
}
