import type { Counters } from '@kong-ts/pdk'
import type { Later } from './later.ts'
import type { Limiter } from './limiter.ts'

/** What came of waiting. */
export type Waited = 'admitted' | 'full' | 'late' | 'left'

export interface RoomOptions {
  readonly limiter: Limiter
  readonly counters: Counters
  readonly later: Later
  /** How many may wait on the node, of those that are counted together. */
  readonly size: number
  /** Milliseconds. */
  readonly timeout: number
  /** Milliseconds until it is worth trying again, after a refusal. */
  readonly patience: () => number
}

interface Waiter {
  settle(outcome: Waited): void
  fail(error: unknown): void
}

/** Those that wait under one key, in the order of their arrival at this worker. */
interface Line {
  readonly who: string
  readonly waiters: Set<Waiter>
  /** Ends the pause between two attempts. */
  wake: () => void
}

/** Where connections over a limit wait for a permit, instead of being refused. */
export class WaitingRoom {
  readonly #options: RoomOptions
  readonly #lines = new Map<string, Line>()

  constructor(options: RoomOptions) {
    this.#options = options
  }

  /** Whether somebody waits here: who passes them by would take what is theirs. */
  isWaitedFor(who: string): boolean {
    return this.#lines.has(who)
  }

  /**
   * Waits in line.
   * @param left resolves when the client leaves
   * @throws (rejects) with what the limiter throws
   */
  async wait(who: string, left: (signal: AbortSignal) => Promise<void>): Promise<Waited> {
    const { counters, size, timeout, later } = this.#options
    const place = `queue:${who}`
    if (!(await counters.take(place, size))) return 'full'
    const { promise, resolve, reject } = Promise.withResolvers<Waited>()
    const waiter = { settle: resolve, fail: reject }
    const line = this.#join(who, waiter)
    const giveUp = (outcome: Waited): void => {
      // At once: no permit is to be taken for who does not wait any more.
      leave(line, waiter).settle(outcome)
      if (line.waiters.size === 0) line.wake()
    }
    const watch = new AbortController()
    const callOff = later(timeout, () => giveUp('late'))
    left(watch.signal).then(() => giveUp('left'), reject)
    try {
      return await promise
    } finally {
      callOff()
      watch.abort()
      leave(line, waiter)
      counters.release(place)
    }
  }

  #join(who: string, waiter: Waiter): Line {
    const known = this.#lines.get(who)
    if (known) {
      known.waiters.add(waiter)
      return known
    }
    const line = { who, waiters: new Set([waiter]), wake: () => undefined }
    this.#lines.set(who, line)
    void this.#serve(line)
    return line
  }

  /** Tries for whoever is first, until nobody waits any more. Never rejects. */
  async #serve(line: Line): Promise<void> {
    for (let first = firstOf(line); first; first = firstOf(line)) {
      await this.#pause(line)
      await this.#admit(line)
    }
    this.#lines.delete(line.who)
  }

  /** Lets in as many as there are permits. */
  async #admit(line: Line): Promise<void> {
    for (let first = firstOf(line); first; first = firstOf(line)) {
      try {
        if (!(await this.#options.limiter.take(line.who))) return
        // Who was first may have left meanwhile; the permit is the next one's then.
        const heir = firstOf(line)
        if (heir) leave(line, heir).settle('admitted')
      } catch (error) {
        leave(line, first).fail(error)
      }
    }
  }

  #pause(line: Line): Promise<void> {
    const { later, patience } = this.#options
    return new Promise((resolve) => {
      const callOff = later(patience(), resolve)
      line.wake = () => {
        callOff()
        resolve()
      }
    })
  }
}

function firstOf({ waiters }: Line): Waiter | undefined {
  return waiters.values().next().value
}

function leave({ waiters }: Line, waiter: Waiter): Waiter {
  waiters.delete(waiter)
  return waiter
}
