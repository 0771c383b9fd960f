import type { Learned, Returns } from '@kong-ts/pdk'
import { Elsewhere, openReturning } from '@kong-ts/pdk/host'
import type { Returning } from '@kong-ts/pdk/host'
import type { Bucket } from './buckets.ts'

/** What one worker has of an account. */
export interface Line {
  readonly worker: number
  /** Permits that it was granted and has not given back. */
  granted: number
  /** It may have unused ones among them. */
  lends: boolean
  /** Recalls that it has not answered yet. */
  recalls: number
  /** It refuses by itself until it hears that a permit was freed. */
  refuses: boolean
}

/** Takes of one worker that wait for an answer. */
export interface Request {
  readonly worker: number
  readonly limit: number
  readonly wanted: number
}

/** The supervisor's view of one key in one window. */
export interface Account extends Bucket {
  /** The limit under which every unused permit was leased. */
  limit: number
  /** Permits of dead workers: nobody knows how many were used, so that all count until the window's end. */
  lost: number
  /** Those that come back by themselves: what is granted is out, and with no worker. */
  readonly returning: Returning | undefined
  /** What others took in a window who are not of this node. */
  elsewhere?: Elsewhere
  lines: Line[]
  /** Served one after the other, in the order of their arrival. */
  queue: Request[]
}

export function openAccount(
  key: string,
  until: number | undefined,
  limit: number,
  returns?: Returns,
): Account {
  const returning = returns && openReturning(returns)
  return { key, until, limit, lost: 0, returning, lines: [], queue: [] }
}

/** Permits that are with workers, used or not, those lost with them, of others, and to come back by themselves. */
export function takenOf(account: Account, now: number): number {
  if (account.returning) return account.returning.out(now)
  const others = account.lost + (account.elsewhere?.out(0) ?? 0)
  return account.lines.reduce((sum, { granted }) => sum + granted, others)
}

/** What others took who are not of this node. */
export function learnElsewhere(account: Account, learned: Learned): void {
  if (account.returning) return account.returning.learn(learned)
  account.elsewhere ??= new Elsewhere()
  account.elsewhere.learn(learned)
}

export function lineOf(account: Account, worker: number): Line | undefined {
  return account.lines.find((line) => line.worker === worker)
}

export function openLine(account: Account, worker: number): Line {
  const known = lineOf(account, worker)
  if (known) return known
  const line = { worker, granted: 0, lends: false, recalls: 0, refuses: false }
  account.lines.push(line)
  return line
}

/** Whether nothing would be lost by forgetting a windowless account. */
export function isIdle(account: Account, now: number): boolean {
  if (account.returning) return account.queue.length === 0 && account.returning.out(now) === 0
  return (
    account.until === undefined &&
    account.queue.length === 0 &&
    account.lines.every(({ granted, recalls }) => granted === 0 && recalls === 0)
  )
}

/** Forgets a dead worker: what it held is free at once, what it took in a window stays counted. */
export function dropWorker(account: Account, worker: number): void {
  const line = lineOf(account, worker)
  if (line && account.until !== undefined) account.lost += line.granted
  account.lines = account.lines.filter((other) => other !== line)
  account.queue = account.queue.filter((request) => request.worker !== worker)
}
