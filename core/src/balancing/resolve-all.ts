import { isIP } from 'node:net'
import type { Answer, Names } from './names.ts'

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

/** What is said of a name that was not resolved in time. */
export const unresolved: Answer = {
  addresses: [],
  type: 'A',
  error: 'the name was not resolved in time',
}

/**
 * The addresses of hosts. One that is not resolved in time has none, and those whose turn does not come are absent:
 * an answer to a client cannot wait for a name server that is silent.
 */
export async function resolveAll(
  names: Names,
  hosts: Iterable<string>,
  { together, each, total, now = () => performance.now() }: ResolveLimits,
): Promise<ReadonlyMap<string, Answer>> {
  const found = new Map<string, Answer>()
  // Addresses need no name server, so that none of them waits for a turn.
  const waiting = [...new Set(hosts)].toSorted((a, b) => isName(a) - isName(b)).values()
  const end = now() + total
  const work = async (): Promise<void> => {
    // All of them take from the same list.
    for (const host of waiting) {
      const left = Math.min(each, end - now())
      // A timer may end a fraction of a millisecond early.
      if (left < 1) return
      const answer = names.resolve(host)
      found.set(host, answer instanceof Promise ? await within(left, answer) : answer)
    }
  }
  await Promise.all(Array.from({ length: together }, work))
  return found
}

function isName(host: string): 0 | 1 {
  return isIP(host) === 0 ? 1 : 0
}

async function within(milliseconds: number, answer: Promise<Answer>): Promise<Answer> {
  const { promise: late, resolve } = Promise.withResolvers<Answer>()
  const timer = setTimeout(() => resolve(unresolved), milliseconds)
  try {
    return await Promise.race([answer, late])
  } finally {
    clearTimeout(timer)
  }
}
