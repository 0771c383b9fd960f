import type { Rate } from '../transport.ts'
import type { Drawer, StreamAllowance } from './allowance.ts'
import { startTimeout } from './timer.ts'

/** The bucket holds so many milliseconds of the rate at least; bytes leave in slices of about this size. */
const window = 100

/** Where the bytes go. */
export interface Outflow {
  send(chunk: Uint8Array): void
  /** The chunk that was kept back has left. */
  emptied(): void
}

/** An allowance that a direction draws from; `isSoft`: it only counts. */
export interface StreamDraw {
  readonly allowance: StreamAllowance
  readonly isSoft: boolean
}

/**
 * What stands in front of a limited direction: a token bucket, and the allowances that it shares with others. It keeps
 * at most one chunk: who offers it pauses until `emptied`.
 */
export class Throttle implements Drawer {
  readonly #out: Outflow
  readonly #draws: readonly StreamDraw[]
  readonly #now: () => number
  #rate = Infinity
  #burst = 0
  #tokens = 0
  #filled: number
  #pending: Uint8Array | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(
    rate: Rate | undefined,
    out: Outflow,
    draws: readonly StreamDraw[] = [],
    now: () => number = () => performance.now(),
  ) {
    this.#out = out
    this.#draws = draws
    this.#now = now
    this.#filled = now()
    if (rate !== undefined) {
      this.#follow(rate)
      this.#tokens = this.#capacity
    }
  }

  get isPending(): boolean {
    return this.#pending !== undefined
  }

  get isShared(): boolean {
    return this.#draws.length > 0
  }

  /** Sends what is allowed; false if a rest waits. */
  offer(chunk: Uint8Array): boolean {
    this.#pending = chunk
    return this.#pump()
  }

  /** Another rate. */
  adjust(rate: Rate): void {
    const wasFree = this.#rate === Infinity
    if (!wasFree) this.#refill()
    this.#filled = this.#now()
    this.#follow(rate)
    this.#tokens = wasFree ? this.#capacity : Math.min(this.#tokens, this.#capacity)
    this.resume()
  }

  /** Sends the rest at once, as far as the shared allowances go. */
  lift(): void {
    this.#rate = Infinity
    this.resume()
  }

  /** Drops the rest. */
  close(): void {
    clearTimeout(this.#timer)
    for (const { allowance } of this.#draws) allowance.leave(this)
    this.#pending = undefined
  }

  readonly resume = (): void => {
    clearTimeout(this.#timer)
    if (this.#pending && this.#pump()) this.#out.emptied()
  }

  #follow({ bytesPerSecond, burst = 0 }: Rate): void {
    this.#rate = bytesPerSecond
    this.#burst = burst
  }

  get #capacity(): number {
    return this.#rate > 0 ? Math.max(this.#slice, this.#burst) : 0
  }

  get #slice(): number {
    return Math.max((this.#rate * window) / 1000, 1)
  }

  #refill(): void {
    const now = this.#now()
    const earned = ((now - this.#filled) * this.#rate) / 1000
    this.#tokens = Math.min(this.#tokens + earned, this.#capacity)
    this.#filled = now
  }

  #pump(): boolean {
    const chunk = this.#pending
    if (!chunk) return true
    const own = this.#ownTokens(chunk.length)
    const allowed = own > 0 ? this.#shared(own) : 0
    if (allowed >= chunk.length) {
      this.#pending = undefined
      this.#send(chunk)
      return true
    }
    if (allowed > 0) {
      this.#pending = chunk.subarray(allowed)
      this.#send(chunk.subarray(0, allowed))
    }
    // Who has to wait for both waits for its own tokens first: in a line it would hold up the others.
    if (allowed === own) this.#wait()
    else if (allowed > 0) this.#standInLine()
    return false
  }

  #ownTokens(size: number): number {
    if (this.#rate === Infinity) return size
    this.#refill()
    return Math.min(size, Math.floor(this.#tokens))
  }

  /** What the allowances leave of so many bytes. */
  #shared(bytes: number): number {
    let least = bytes
    for (const { allowance, isSoft } of this.#draws) {
      if (least > 0 && !isSoft) least = Math.min(least, allowance.offer(this))
    }
    return least
  }

  /** A turn is over and the rest is still there. */
  #standInLine(): void {
    if (this.#shared(1) > 0) this.resume()
  }

  #send(bytes: Uint8Array): void {
    if (this.#rate !== Infinity) this.#tokens -= bytes.length
    for (const { allowance } of this.#draws) allowance.take(this, bytes.length)
    this.#out.send(bytes)
  }

  /** Waits for a full slice, or for the rest if that is smaller; a rate of 0 waits for another rate. */
  #wait(): void {
    if (!(this.#rate > 0) || this.#rate === Infinity || !this.#pending) return
    const wanted = Math.min(this.#pending.length, this.#slice) - this.#tokens
    this.#timer = startTimeout((wanted * 1000) / this.#rate, 1, this.resume)
  }
}
