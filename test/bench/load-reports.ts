/** What `wrk` did, from what it prints. */
export interface WrkReport {
  readonly requests: number
  /** Answers that were not 2xx, and sockets that failed. */
  readonly faults: number
}

export function parseWrk(text: string): WrkReport {
  const requests = /^\s*(\d+) requests in /m.exec(text)?.[1]
  if (requests === undefined) throw new Error(`wrk said nothing that can be counted:\n${text}`)
  const errors = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(text)
  const failures = (errors?.slice(1) ?? []).reduce((sum, count) => sum + Number(count), 0)
  const refused = Number(/Non-2xx or 3xx responses: (\d+)/.exec(text)?.[1] ?? 0)
  return { requests: Number(requests), faults: failures + refused }
}

/** The bytes that arrived, from the JSON that `iperf3 -J` prints. */
export function parseIperf(text: string): number {
  const report: unknown = JSON.parse(text)
  const error = at(report, 'error')
  if (typeof error === 'string') throw new Error(`iperf3: ${error}`)
  const bytes = at(at(at(report, 'end'), 'sum_received'), 'bytes')
  if (typeof bytes !== 'number') throw new Error('iperf3 did not say how many bytes arrived')
  return bytes
}

function at(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null
    ? Object.entries(value).find(([name]) => name === key)?.[1]
    : undefined
}
