/** What `wrk` did, from what it prints. */
export interface WrkReport {
  readonly requests: number
  readonly seconds: number
  /** All that was read, headers included; to the three digits or so that wrk prints. */
  readonly bytes: number
  /** Answers that were not 2xx, and sockets that failed. */
  readonly faults: number
}

const done = /^\s*(\d+) requests in ([\d.]+)(us|ms|s|m), ([\d.]+)([KMGT]?)B read/m
const secondsIn: Readonly<Record<string, number>> = { us: 1e-6, ms: 1e-3, s: 1, m: 60 }

export function parseWrk(text: string): WrkReport {
  const found = done.exec(text)
  if (found === null) throw new Error(`wrk said nothing that can be counted:\n${text}`)
  const [, requests, time, unit = '', size, prefix = ''] = found
  return {
    requests: Number(requests),
    seconds: Number(time) * (secondsIn[unit] ?? Number.NaN),
    bytes: Number(size) * 1024 ** ['', 'K', 'M', 'G', 'T'].indexOf(prefix),
    faults: faultsIn(text),
  }
}

function faultsIn(text: string): number {
  const errors = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(text)
  const failures = (errors?.slice(1) ?? []).reduce((sum, count) => sum + Number(count), 0)
  return failures + Number(/Non-2xx or 3xx responses: (\d+)/.exec(text)?.[1] ?? 0)
}

export interface IperfReport {
  readonly bytes: number
  readonly seconds: number
}

/** The bytes that arrived, and in which time, from the JSON that `iperf3 -J` prints. */
export function parseIperf(text: string): IperfReport {
  const report: unknown = JSON.parse(text)
  const error = at(report, 'error')
  if (typeof error === 'string') throw new Error(`iperf3: ${error}`)
  const sum = at(at(report, 'end'), 'sum_received')
  const [bytes, seconds] = [at(sum, 'bytes'), at(sum, 'seconds')]
  if (typeof bytes !== 'number' || typeof seconds !== 'number') {
    throw new Error('iperf3 did not say how many bytes arrived')
  }
  return { bytes, seconds }
}

/** How many connections `openssl s_time` has made. */
export function parseTimed(text: string): number {
  const count = /^(\d+) connections in [\d.]+s;/m.exec(text)?.[1]
  if (count === undefined) throw new Error(`openssl s_time counted nothing:\n${text}`)
  return Number(count)
}

/** Microseconds from the beginning of something to the first byte of its answer. */
export interface LatencyReport {
  readonly p50: number
  readonly p99: number
}

/** What `latency-client.ts` prints. */
export function parseLatency(text: string): LatencyReport {
  const report: unknown = JSON.parse(text)
  const [p50, p99, failed] = [at(report, 'p50'), at(report, 'p99'), at(report, 'failed')]
  if (typeof p50 !== 'number' || typeof p99 !== 'number') throw new Error(`no latencies: ${text}`)
  if (failed !== 0) throw new Error(`${String(failed)} requests failed`)
  return { p50, p99 }
}

function at(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null
    ? Object.entries(value).find(([name]) => name === key)?.[1]
    : undefined
}
