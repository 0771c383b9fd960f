/** The periods of a quota, shortest first. */
const periods = ['hour', 'day', 'month'] as const

export type Period = (typeof periods)[number]
export type Limits = { readonly [P in Period]?: number | undefined }

/** A period as it runs now, on UTC boundaries. */
export interface Window {
  readonly period: Period
  readonly limit: number
  /** Tells it from the windows before and after it. */
  readonly name: string
  /** Milliseconds since the epoch; it belongs to the next one. */
  readonly end: number
}

/** The windows that a moment lies in, shortest first. */
export function windowsAt(now: number, limits: Limits): Window[] {
  const time = new Date(now)
  const [year, month, day] = [time.getUTCFullYear(), time.getUTCMonth(), time.getUTCDate()]
  const hour = time.getUTCHours()
  const bounds: { readonly [P in Period]: readonly [start: number, end: number] } = {
    hour: [Date.UTC(year, month, day, hour), Date.UTC(year, month, day, hour + 1)],
    day: [Date.UTC(year, month, day), Date.UTC(year, month, day + 1)],
    month: [Date.UTC(year, month), Date.UTC(year, month + 1)],
  }
  return periods.flatMap((period) => {
    const limit = limits[period]
    if (limit === undefined) return []
    const [start, end] = bounds[period]
    return [{ period, limit, name: `${period}:${start}`, end }]
  })
}

/** What is wrong with quotas in relation to one another, if anything. */
export function checkQuota(limits: Limits): string | undefined {
  let shorter: Period | undefined
  for (const period of periods) {
    const limit = limits[period]
    if (limit === undefined) continue
    if (shorter !== undefined && limit < (limits[shorter] ?? 0)) {
      return `config.quota.${period} cannot be lower than config.quota.${shorter}`
    }
    shorter = period
  }
}
