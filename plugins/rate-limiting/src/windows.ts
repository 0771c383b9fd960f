/** The periods that can be limited, shortest first, in milliseconds. */
export const periods = { second: 1000, minute: 60_000, hour: 3_600_000, day: 86_400_000 }

export type Period = keyof typeof periods

export type Limits = { readonly [P in Period]?: number }

/** A limit of connections for each window of a period. */
export interface Window {
  readonly period: Period
  readonly limit: number
}

/** The windows that are limited, shortest first. */
export function windowsOf(limits: Limits): Window[] {
  return listPeriods().flatMap((period) => {
    const limit = limits[period]
    return limit === undefined ? [] : [{ period, limit }]
  })
}

/** What is wrong with limits in relation to one another, if anything. */
export function examineLimits(limits: Limits): string | undefined {
  const windows = windowsOf(limits)
  for (const [index, longer] of windows.entries()) {
    const shorter = windows[index - 1]
    if (shorter && longer.limit < shorter.limit) {
      return `The limit for ${print(longer)} cannot be lower than the limit for ${print(shorter)}`
    }
  }
}

/** The window a moment lies in: on UTC boundaries, from `start` up to but not including `end`. */
export function windowAt(period: Period, now: number): { start: number; end: number } {
  const length = periods[period]
  const start = Math.floor(now / length) * length
  return { start, end: start + length }
}

function listPeriods(): Period[] {
  return ['second', 'minute', 'hour', 'day']
}

function print({ period, limit }: Window): string {
  return `${period}(${limit.toFixed(1)})`
}
