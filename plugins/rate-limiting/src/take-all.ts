import type { Awaitable, Counters, Returns } from '@kong-ts/pdk'

/** A permit that a connection needs. */
export interface Permit {
  readonly key: string
  readonly limit: number
  /** Milliseconds since the epoch, or how it comes back by itself. */
  readonly until: number | Returns
}

/**
 * Takes every permit or none: what was taken before a refusal, or a failure, is given back. Answers at once while
 * the counters do, so that a connection costs no promise.
 */
export function takeAll(counters: Counters, permits: readonly Permit[]): Awaitable<boolean> {
  const [permit, ...rest] = permits
  if (permit === undefined) return true
  const { key, limit, until } = permit
  if (rest.length === 0) return counters.take(key, limit, until)
  const goOn = (isTaken: boolean): Awaitable<boolean> => {
    if (!isTaken) return false
    const others = takeAll(counters, rest)
    return typeof others === 'boolean' ? settle(counters, key, others) : awaited(others)
  }
  const awaited = async (others: Promise<boolean>): Promise<boolean> => {
    try {
      return settle(counters, key, await others)
    } catch (error) {
      counters.release(key)
      throw error
    }
  }
  const taken = counters.take(key, limit, until)
  return typeof taken === 'boolean' ? goOn(taken) : taken.then(goOn)
}

function settle(counters: Counters, key: string, isComplete: boolean): boolean {
  if (!isComplete) counters.release(key)
  return isComplete
}
