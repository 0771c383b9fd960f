import type { Metrics, Summary } from '@kong-ts/pdk'
import { whoseLabels, whoseOf, type Whose } from './whose.ts'

/** Kong's buckets, in milliseconds. */
const sessionBuckets = [
  25, 50, 80, 100, 250, 400, 700, 1000, 2000, 5000, 10_000, 30_000, 60_000,
] as const
const kongBuckets = [
  1, 2, 5, 7, 10, 15, 20, 30, 50, 75, 100, 200, 500, 750, 1000, 3000, 6000,
] as const

/** From a handshake on the same machine to a session of an hour. */
const phaseBuckets = [
  0.1, 0.5, 1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 5000, 10_000, 60_000, 600_000, 3_600_000,
] as const

/** Measures how long sessions with a route took, and their parts. */
export function countLatencies(metrics: Metrics): (summary: Summary) => void {
  const measure = (name: string, help: string, buckets: readonly number[]) =>
    metrics.histogram({ name, help, labels: whoseLabels, buckets })
  const sessions = measure(
    'kong_session_duration_ms',
    'Milliseconds that sessions lasted, per service and route',
    sessionBuckets,
  )
  const latency = measure(
    'kong_kong_latency_ms',
    'Milliseconds from accept until the upstream was connected, of sessions where it was',
    kongBuckets,
  )
  const connects = measure(
    'kong_upstream_connect_ms',
    'Milliseconds of the connects to upstreams that succeeded, TLS included',
    phaseBuckets,
  )
  const handshakes = measure(
    'kong_tls_handshake_ms',
    'Milliseconds of the TLS handshakes with clients that succeeded',
    phaseBuckets,
  )
  const phases = metrics.histogram({
    name: 'kong_session_phase_duration_ms',
    help: 'Milliseconds of the parts of a session: preread, tls, balance and proxy',
    labels: ['phase', ...whoseLabels],
    buckets: phaseBuckets,
  })
  const part = (phase: string, { service, route, workspace }: Whose, milliseconds: number): void =>
    phases.observe({ phase, service, route, workspace }, Math.max(0, milliseconds))
  const countReached = (whose: Whose, { latencies, tries }: Summary): void => {
    const { session, kong, routed = 0, handshake = 0 } = latencies
    latency.observe(whose, kong)
    part('balance', whose, kong - routed - handshake)
    part('proxy', whose, session - kong)
    const reached = tries.at(-1)
    if (reached && reached.failure === undefined) connects.observe(whose, reached.duration)
  }
  return (summary) => {
    const { route, service, latencies, target } = summary
    if (route === undefined) return
    const whose = whoseOf(route, service)
    const { session, routed, handshake } = latencies
    sessions.observe(whose, session)
    if (routed !== undefined) part('preread', whose, routed)
    if (handshake !== undefined) {
      handshakes.observe(whose, handshake)
      part('tls', whose, handshake)
    }
    if (target !== undefined) countReached(whose, summary)
  }
}
