import { startTimeout } from './timer.ts'

/** The bucket holds so many milliseconds of the rate; bytes leave in slices of about this size. */
const window = 100

/** Where the bytes go. */
export interface Outflow {
  send(chunk: Uint8Array): void
  /** The chunk that was kept back has left. */
  emptied(): void
}

/**
 * A token bucket in front of one direction. It keeps at most one chunk: who offers it pauses until `emptied`.
 */
export class Throttle {
  readonly #out: Outflow
  readonly #now: () => number
  #rate: number
  #tokens: number
  #filled: number
  #pending: Uint8Array | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(rate: number, out: Outflow, now: () => number = () => performance.now()) {
    this.#out = out
    this.#now = now
    this.#rate = rate
    this.#tokens = this.#capacity
    this.#filled = now()
  }

  get isPending(): boolean {
    return this.#pending !== undefined
  }

  /** Sends what the rate allows; false if a rest waits. */
  offer(chunk: Uint8Array): boolean {
    this.#pending = chunk
    return this.#pump()
  }

  /** Another rate, in bytes per second. */
  adjust(rate: number): void {
    this.#refill()
    this.#rate = rate
    this.#tokens = Math.min(this.#tokens, this.#capacity)
    this.#expire()
  }

  /** Sends the rest at once. */
  lift(): void {
    this.#rate = Infinity
    this.#expire()
  }

  /** Drops the rest. */
  close(): void {
    clearTimeout(this.#timer)
    this.#pending = undefined
  }

  get #capacity(): number {
    return this.#rate > 0 ? Math.max((this.#rate * window) / 1000, 1) : 0
  }

  #refill(): void {
    const now = this.#now()
    const earned = ((now - this.#filled) * this.#rate) / 1000
    this.#tokens = Math.min(this.#tokens + earned, this.#capacity)
    this.#filled = now
  }

  readonly #expire = (): void => {
    clearTimeout(this.#timer)
    if (this.#pending && this.#pump()) this.#out.emptied()
  }

  #pump(): boolean {
    const chunk = this.#pending
    if (!chunk) return true
    if (this.#rate !== Infinity) this.#refill()
    const allowed = this.#rate === Infinity ? chunk.length : Math.floor(this.#tokens)
    if (allowed >= chunk.length) {
      this.#pending = undefined
      this.#tokens -= chunk.length
      this.#out.send(chunk)
      return true
    }
    if (allowed > 0) {
      this.#pending = chunk.subarray(allowed)
      this.#tokens -= allowed
      this.#out.send(chunk.subarray(0, allowed))
    }
    this.#wait()
    return false
  }

  /** Waits for a full bucket, or for the rest if that is smaller; a rate of 0 waits for another rate. */
  #wait(): void {
    if (!(this.#rate > 0) || !this.#pending) return
    const wanted = Math.min(this.#pending.length, this.#capacity) - this.#tokens
    this.#timer = startTimeout((wanted * 1000) / this.#rate, 1, this.#expire)
  }
}
