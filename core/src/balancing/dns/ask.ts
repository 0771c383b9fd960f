import { type NameServer, serverText } from '../../settings/dns-values.ts'
import type { Clock } from './clock.ts'
import type { Exchange } from './exchange.ts'
import type { Question } from './message.ts'
import { query, type Told } from './query.ts'

/** The servers and how patiently they are asked. */
export interface Servers {
  /** In the order in which they are asked. */
  readonly servers: readonly NameServer[]
  /** Milliseconds until a question goes unanswered. */
  readonly timeout: number
  /** How often each server is asked meanwhile. */
  readonly attempts: number
  /** Each question begins with another server. */
  readonly rotate: boolean
}

export type Reply = Told | { readonly is: 'silent' }

/** Asks name servers; an aborted question goes unanswered. Never rejects. */
export type Ask = (question: Question, signal: AbortSignal) => Promise<Reply>

/** Questions that are under way at most: each has a socket or a few. */
const together = 64

/** Milliseconds until the next server is asked, or the same one again: datagrams get lost. */
const longestWait = 1000

/**
 * Asks servers one after the other, again and again within the time of a question, and takes the first answer
 * that comes, from whomever. A server that has answered comes first the next time.
 * @param current the servers as they are now
 */
export function createAsk(current: () => Servers, clock: Clock): Ask {
  const state: Preference = { preferred: undefined, turn: 0 }
  const waiting: (() => void)[] = []
  let open = 0
  return async (question, signal) => {
    if (open >= together) await turn(waiting, signal)
    if (signal.aborted) {
      // Whoever was called and does not need it any more passes it on.
      if (open < together) waiting.shift()?.()
      return { is: 'silent' }
    }
    open++
    try {
      return await askAround(question, signal, { ...current(), clock, state })
    } finally {
      open--
      waiting.shift()?.()
    }
  }
}

function turn(waiting: (() => void)[], signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const go = (): void => {
      signal.removeEventListener('abort', giveUp)
      resolve()
    }
    const giveUp = (): void => {
      const place = waiting.indexOf(go)
      if (place !== -1) waiting.splice(place, 1)
      resolve()
    }
    waiting.push(go)
    signal.addEventListener('abort', giveUp, { once: true })
  })
}

interface Preference {
  preferred: NameServer | undefined
  turn: number
}

interface Around extends Servers {
  readonly clock: Clock
  readonly state: Preference
}

function askAround(question: Question, signal: AbortSignal, around: Around): Promise<Reply> {
  const { timeout, attempts, clock, state } = around
  const order = orderOf(around)
  const failed = new Map<NameServer, Reply>()
  const exchanges: Exchange[] = []
  const tries = Array.from({ length: attempts }, () => order).flat()
  return new Promise((resolve) => {
    let stopWaiting: (() => void) | undefined
    let isOver = false
    const end = (reply: Reply): void => {
      if (isOver) return
      isOver = true
      stopWaiting?.()
      stopAsking()
      signal.removeEventListener('abort', giveUp)
      for (const exchange of exchanges) exchange.end()
      resolve(reply)
    }
    const giveUp = (): void => end(lastOf(failed) ?? { is: 'silent' })
    const askNext = (): void => {
      stopWaiting?.()
      let server = tries.shift()
      while (server && failed.has(server)) server = tries.shift()
      // Those that were asked may still answer.
      if (!server || isOver) return
      exchanges.push(query(server, question, (told) => hear(server, told)))
      stopWaiting = clock.after(Math.min(longestWait, timeout / (order.length * attempts)), askNext)
    }
    const hear = (server: NameServer, told: Told): void => {
      if (isOver) return
      if (told.is === 'answered') {
        state.preferred = server
        return end(told)
      }
      failed.set(server, { ...told, reason: `${told.reason} from ${serverText(server)}` })
      if (failed.size === order.length) giveUp()
      else askNext()
    }
    const stopAsking = clock.after(timeout, giveUp)
    signal.addEventListener('abort', giveUp, { once: true })
    if (order.length === 0) end({ is: 'failed', reason: 'there is no name server' })
    else askNext()
  })
}

function lastOf(failed: ReadonlyMap<NameServer, Reply>): Reply | undefined {
  return [...failed.values()].at(-1)
}

/** Each server once: the first is the one whose turn it is, or the one that answered last. */
function orderOf({ servers, rotate, state }: Around): readonly NameServer[] {
  const at = rotate ? state.turn++ % servers.length : indexOf(servers, state.preferred)
  return [...servers.slice(at), ...servers.slice(0, at)]
}

function indexOf(servers: readonly NameServer[], preferred: NameServer | undefined): number {
  return Math.max(
    0,
    servers.findIndex(
      ({ address, port }) => address === preferred?.address && port === preferred.port,
    ),
  )
}
