import { compileByteRegex } from '../../entities/byte-regex.ts'
import { bytesOf } from '../../entities/byte-text.ts'
import { fieldOf, isFields, stringsIn } from '../../entities/fields.ts'
import type { HealthChecks, Upstream } from '../../entities/rows.ts'
import type { Limits } from './peer-state.ts'

/** What a probe says once it is connected, and what it waits for. */
export interface ProbePlan {
  /** Whether an HTTP request is sent; otherwise bytes, if there are any to send or to expect. */
  readonly http: boolean
  readonly tls: boolean
  /** Milliseconds for all of it. */
  readonly timeout: number
  /** The server name that is asked for, when it is not the host of the target. */
  readonly sni: string | undefined
  readonly verify: boolean
  readonly path: string
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly send: Buffer | undefined
  readonly expect: Buffer | undefined
  readonly regex: RegExp | undefined
  /** Whether a status of HTTP is a success or a failure; undefined is neither. */
  verdict(status: number): 'success' | 'http_failure' | undefined
}

export interface Checks {
  readonly active: {
    readonly probe: ProbePlan
    /** Milliseconds between the probes of a peer that is healthy or not; 0 is no probes. */
    interval(healthy: boolean): number
    /** The share of an interval by which it is longer or shorter, at random. */
    readonly jitter: number
    /** Probes at the same time. */
    readonly concurrency: number
    readonly limits: Limits
  }
  readonly passive: Limits
}

/** Milliseconds: nobody has a use for more probes, and a mistyped interval is to cost no processor. */
const shortest = 10
const defaultJitter = 0.1

/** How the health of an upstream is found out; undefined where nothing checks it, by Kong's rule. */
export function readChecks({ healthchecks }: Upstream): Checks | undefined {
  const at = reader(healthchecks ?? {})
  const [healthy, unhealthy] = ['healthy', 'unhealthy'].map((state) =>
    milliseconds(at.number('active', state, 'interval')),
  )
  const passive = limitsAt(at, 'passive')
  const { tcp_failure, timeout, http_failure } = passive
  if (!healthy && !unhealthy && tcp_failure + timeout + http_failure === 0) return undefined
  return {
    active: {
      probe: planProbe(at),
      interval: (isHealthy) => (isHealthy ? healthy : unhealthy) ?? 0,
      jitter: at.number('active', 'jitter') ?? defaultJitter,
      concurrency: at.number('active', 'concurrency') ?? 10,
      limits: limitsAt(at, 'active'),
    },
    passive,
  }
}

/** Probes of gRPC are those of its transport, TCP or TLS. */
function planProbe(at: Reader): ProbePlan {
  const type = at.text('active', 'type') ?? 'http'
  const good = at.numbers('active', 'healthy', 'http_statuses')
  const bad = at.numbers('active', 'unhealthy', 'http_statuses')
  const regex = at.text('active', 'expect_regex')
  return {
    http: type.startsWith('http'),
    tls: ['tls', 'https', 'grpcs'].includes(type),
    timeout: milliseconds(at.number('active', 'timeout')) || 1000,
    sni: at.text('active', 'https_sni'),
    verify: at.value('active', 'https_verify_certificate') !== false,
    path: at.text('active', 'http_path') ?? '/',
    headers: headersIn(at.value('active', 'headers')),
    send: bytesAt(at, 'send'),
    expect: bytesAt(at, 'expect'),
    regex: regex === undefined ? undefined : compileByteRegex(regex),
    verdict: (status) =>
      good.includes(status) ? 'success' : bad.includes(status) ? 'http_failure' : undefined,
  }
}

function limitsAt(at: Reader, source: 'active' | 'passive'): Limits {
  const failures = (name: string) => at.number(source, 'unhealthy', name) ?? 0
  return {
    success: at.number(source, 'healthy', 'successes') ?? 0,
    tcp_failure: failures('tcp_failures'),
    timeout: failures('timeouts'),
    http_failure: failures('http_failures'),
  }
}

function milliseconds(seconds = 0): number {
  return seconds === 0 ? 0 : Math.max(seconds * 1000, shortest)
}

function bytesAt(at: Reader, name: string): Buffer | undefined {
  const text = at.text('active', name)
  return text === undefined ? undefined : bytesOf(text)
}

function headersIn(value: unknown): ProbePlan['headers'] {
  if (!isFields(value)) return []
  return Object.entries(value).flatMap(([name, values]) =>
    stringsIn(values).map((each) => [name, each] as const),
  )
}

/** Reads a record that has been checked, whose fields may be null. */
interface Reader {
  value(...path: readonly string[]): unknown
  number(...path: readonly string[]): number | undefined
  numbers(...path: readonly string[]): readonly number[]
  text(...path: readonly string[]): string | undefined
}

function reader(record: HealthChecks): Reader {
  const value = (...path: readonly string[]): unknown =>
    path.reduce<unknown>(
      (inner, name) => (isFields(inner) ? fieldOf(inner, name) : undefined),
      record,
    )
  return {
    value,
    number: (...path) => {
      const found = value(...path)
      return typeof found === 'number' ? found : undefined
    },
    numbers: (...path) => {
      const found = value(...path)
      return Array.isArray(found) ? found.filter((each) => typeof each === 'number') : []
    },
    text: (...path) => {
      const found = value(...path)
      return typeof found === 'string' ? found : undefined
    },
  }
}
