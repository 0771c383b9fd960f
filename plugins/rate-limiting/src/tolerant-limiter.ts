import type { Awaitable } from '@kong-ts/pdk'
import type { Limiter } from './limiter.ts'

/** A limiter that may fail, and what counts instead while it does. */
export class TolerantLimiter implements Limiter {
  readonly #limiter: Limiter
  readonly #fallback: Limiter

  constructor(limiter: Limiter, fallback: Limiter) {
    this.#limiter = limiter
    this.#fallback = fallback
  }

  async take(who: string): Promise<boolean> {
    let taken: Awaitable<boolean>
    try {
      taken = await this.#limiter.take(who)
    } catch {
      // Whoever fails has told of it.
      taken = this.#fallback.take(who)
    }
    return taken
  }
}
