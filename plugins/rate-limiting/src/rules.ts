import type { Returns } from '@kong-ts/pdk'
import { lengths, windowAt, windowsOf } from './windows.ts'
import type { Limits, Period, Span, Window } from './windows.ts'

export const algorithms = ['fixed-window', 'sliding-window', 'token-bucket'] as const

export type Algorithm = (typeof algorithms)[number]

export interface RuleConfig extends Limits {
  readonly algorithm: Algorithm
  readonly burst?: number | undefined
}

/** A limit that connections are counted against. */
export type Rule = FixedRule | ReturningRule

/** A window, and how what is counted in it is named behind the name of the client: every window has its own counts. */
export interface NamedSpan extends Span {
  readonly name: string
}

/** So many in each window that stands on UTC boundaries. */
export interface FixedRule {
  readonly limit: number
  readonly returns: undefined
  /** The window a moment lies in; the last answer is kept. */
  readonly windowAt: (now: number) => NamedSpan
}

/** So many at a time, which come back by themselves. */
export interface ReturningRule {
  readonly limit: number
  readonly returns: Returns
  /** Behind the name of the client: permits of one name come back in one way. */
  readonly name: string
}

/** One for each limit of a configuration, shortest period first. */
export function rulesOf(config: RuleConfig): Rule[] {
  return windowsOf(config).map((window, index) => {
    // A burst is what comes at once: it belongs to the shortest period, and a longer one has room for its whole limit.
    const size = index === 0 ? (config.burst ?? window.limit) : window.limit
    return makers[config.algorithm](window, size)
  })
}

const makers: { readonly [A in Algorithm]: (window: Window, size: number) => Rule } = {
  'fixed-window': ({ period, limit }) => ({
    limit,
    returns: undefined,
    windowAt: remembered(period),
  }),
  'sliding-window': ({ period, limit }) => ({
    limit,
    returns: { after: lengths[period] },
    name: `:sliding:${period}`,
  }),
  'token-bucket': ({ period, limit }, size) => ({
    limit: size,
    returns: { every: lengths[period] / limit },
    name: `:bucket:${limit}:${period}`,
  }),
}

/** For a `check`: what is wrong, if anything. */
export function examineBurst({ algorithm, burst }: RuleConfig): string | undefined {
  return burst !== undefined && algorithm !== 'token-bucket'
    ? 'config.burst is only used with algorithm=token-bucket'
    : undefined
}

/** Most connections fall into the window of the one before. */
function remembered(period: Period): (now: number) => NamedSpan {
  let last: NamedSpan = { start: 0, end: 0, name: '' }
  return (now) => {
    if (now < last.start || now >= last.end) last = nameSpan(period, windowAt(period, now))
    return last
  }
}

function nameSpan(period: Period, { start, end }: Span): NamedSpan {
  // With its start in the name, a permit that is given back late cannot fall into the next window.
  return { start, end, name: `:${start}:${period}` }
}
