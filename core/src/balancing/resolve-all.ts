import { isIP } from 'node:net'
import type { Awaitable } from '@kong-ts/pdk'

export interface ResolveLimits {
  /** Names that are asked for at the same time. */
  readonly together: number
  /** Milliseconds for one name. */
  readonly each: number
  /** Milliseconds for all of them. */
  readonly total: number
  /** Milliseconds on a clock that only goes forward. */
  readonly now?: () => number
}

/**
 * What hosts lead to. One that is not resolved in time is not in the answer, and so are those whose turn does not
 * come: an answer to a client cannot wait for a name server that is silent.
 */
export async function resolveAll<T>(
  resolve: (host: string) => Awaitable<T>,
  hosts: Iterable<string>,
  { together, each, total, now = () => performance.now() }: ResolveLimits,
): Promise<ReadonlyMap<string, T>> {
  const found = new Map<string, T>()
  // Addresses need no name server, so that none of them waits for a turn.
  const waiting = [...new Set(hosts)].toSorted((a, b) => isName(a) - isName(b)).values()
  const end = now() + total
  const work = async (): Promise<void> => {
    // All of them take from the same list.
    for (const host of waiting) {
      const left = Math.min(each, end - now())
      // A timer may end a fraction of a millisecond early.
      if (left < 1) return
      const answer = await within(left, Promise.resolve(resolve(host)))
      if (answer) found.set(host, answer.value)
    }
  }
  await Promise.all(Array.from({ length: together }, work))
  return found
}

function isName(host: string): 0 | 1 {
  return isIP(host) === 0 ? 1 : 0
}

async function within<T>(
  milliseconds: number,
  answer: Promise<T>,
): Promise<{ readonly value: T } | undefined> {
  const { promise: late, resolve } = Promise.withResolvers<undefined>()
  const timer = setTimeout(() => resolve(undefined), milliseconds)
  try {
    return await Promise.race([answer.then((value) => ({ value })), late])
  } finally {
    clearTimeout(timer)
  }
}
