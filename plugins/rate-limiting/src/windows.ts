/** The periods that can be limited, shortest first. */
export const periods = ['second', 'minute', 'hour', 'day', 'month', 'year'] as const

export type Period = (typeof periods)[number]

export type Limits = { readonly [P in Period]?: number | undefined }

/** A limit of connections for each window of a period. */
export interface Window {
  readonly period: Period
  readonly limit: number
}

/** A stretch of time, in milliseconds since the epoch: from `start` up to but not including `end`. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** Milliseconds; of a month and a year, when they do not follow the calendar: 30 days and 365. */
export const lengths: { readonly [P in Period]: number } = {
  second: 1000,
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
  month: 30 * 86_400_000,
  year: 365 * 86_400_000,
}

/** The windows that are limited, shortest first. */
export function windowsOf(limits: Limits): Window[] {
  return periods.flatMap((period) => {
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

/** The window a moment lies in: on UTC boundaries, months and years by the calendar. */
export function windowAt(period: Period, now: number): Span {
  if (period === 'month' || period === 'year') return calendarSpan(period, new Date(now))
  const length = lengths[period]
  const start = Math.floor(now / length) * length
  return { start, end: start + length }
}

function calendarSpan(period: 'month' | 'year', now: Date): Span {
  const year = now.getUTCFullYear()
  if (period === 'year') return { start: Date.UTC(year, 0), end: Date.UTC(year + 1, 0) }
  const month = now.getUTCMonth()
  return { start: Date.UTC(year, month), end: Date.UTC(year, month + 1) }
}

function print({ period, limit }: Window): string {
  return `${period}(${limit.toFixed(1)})`
}
