import { MountedMetrics } from '@kong-ts/pdk/testing'
import { expect, test } from 'vitest'
import { countLatencies } from './latencies.ts'
import { summaryOf } from './summary.fixture.ts'

const whose = { service: 's', route: 'r', workspace: 'default' }
const dial = { route: { name: 'r' }, service: { name: 's' } }

function measuring() {
  const metrics = new MountedMetrics()
  const count = countLatencies(metrics.open(new AbortController().signal))
  const sumOf = (name: string, labels: object = {}) =>
    metrics.observed(name, { ...whose, ...labels }).sum
  const part = (phase: string) => sumOf('kong_session_phase_duration_ms', { phase })
  return { metrics, count, sumOf, part }
}

test('the parts of a session come to the whole', async () => {
  const { count, sumOf, part } = measuring()
  const tries = [
    { host: 'a', port: 1, startedAt: 1, duration: 40, failure: 'upstream.connect.timeout' },
    { host: 'b', port: 1, startedAt: 2, duration: 3 },
  ]
  const latencies = { session: 1000, kong: 60, routed: 2, handshake: 8 }
  count(await summaryOf(dial, { latencies, tries }))
  expect(sumOf('kong_session_duration_ms')).toBe(1000)
  expect(sumOf('kong_kong_latency_ms')).toBe(60)
  expect(sumOf('kong_upstream_connect_ms')).toBe(3)
  expect(sumOf('kong_tls_handshake_ms')).toBe(8)
  const parts = ['preread', 'tls', 'balance', 'proxy'].map(part)
  expect(parts).toEqual([2, 8, 50, 940])
  expect(parts.reduce((sum, each) => sum + each)).toBe(1000)
})

test('what was never reached is not measured', async () => {
  const { metrics, count } = measuring()
  count(await summaryOf(dial, { latencies: { session: 5, kong: 0 }, target: undefined }))
  expect(metrics.observed('kong_session_duration_ms', whose).count).toBe(1)
  for (const name of ['kong_kong_latency_ms', 'kong_session_phase_duration_ms']) {
    expect(metrics.series(name)).toEqual([])
  }
  count(await summaryOf(dial, { route: undefined }))
  expect(metrics.series('kong_session_duration_ms')).toHaveLength(1)
})
