import type { Awaitable } from '@kong-ts/pdk'

/** Runs `work`; rejects when it has not settled after `milliseconds`. What settles later goes to `tooLate`. */
export async function within<T>(
  milliseconds: number,
  work: () => Awaitable<T>,
  tooLate?: (value: T) => void,
): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const working = (async () => work())()
  const timer = setTimeout(() => {
    reject(new Error(`did not settle within ${milliseconds} ms`))
    // The caller has heard of the delay; a rejection that comes even later tells nobody anything.
    working.then(tooLate, () => undefined)
  }, milliseconds)
  try {
    return await Promise.race([working, late])
  } finally {
    clearTimeout(timer)
  }
}
