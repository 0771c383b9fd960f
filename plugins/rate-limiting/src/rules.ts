import type { Returns } from '@kong-ts/pdk'
import { lengths, windowAt, windowsOf } from './windows.ts'
import type { Limits, Period, Span } from './windows.ts'

export const algorithms = ['fixed-window', 'sliding-window', 'token-bucket'] as const

export type Algorithm = (typeof algorithms)[number]

export interface RuleConfig extends Limits {
  readonly algorithm: Algorithm
  readonly burst?: number | undefined
}

/** A limit that connections are counted against. */
export type Rule = FixedRule | ReturningRule

/** So many in each window that stands on UTC boundaries. */
export interface FixedRule {
  readonly period: Period
  readonly limit: number
  readonly returns: undefined
  /** The window a moment lies in; the last answer is kept. */
  readonly windowAt: (now: number) => Span
}

/** So many at a time, which come back by themselves. */
export interface ReturningRule {
  readonly period: Period
  readonly limit: number
  readonly returns: Returns
}

/** One for each limit of a configuration, shortest period first. */
export function rulesOf(config: RuleConfig): Rule[] {
  return windowsOf(config).map(({ period, limit }, index) => {
    const length = lengths[period]
    if (config.algorithm === 'fixed-window') {
      return { period, limit, returns: undefined, windowAt: remembered(period) }
    }
    if (config.algorithm === 'sliding-window') return { period, limit, returns: { after: length } }
    // A burst is what comes at once: it belongs to the shortest period, and a longer one has room for its whole limit.
    const size = index === 0 ? (config.burst ?? limit) : limit
    return { period, limit: size, returns: { every: length / limit } }
  })
}

/** For a `check`: what is wrong, if anything. */
export function examineBurst({ algorithm, burst }: RuleConfig): string | undefined {
  return burst !== undefined && algorithm !== 'token-bucket'
    ? 'config.burst is only used with algorithm=token-bucket'
    : undefined
}

/** Most connections fall into the window of the one before. */
function remembered(period: Period): (now: number) => Span {
  let last: Span = { start: 0, end: 0 }
  return (now) => {
    if (now < last.start || now >= last.end) last = windowAt(period, now)
    return last
  }
}
