import { mount } from '@kong-ts/pdk/testing'
import { expect, test, vi } from 'vitest'
import prometheus from './index.ts'

const everything = {
  status_code_metrics: true,
  latency_metrics: true,
  bandwidth_metrics: true,
  upstream_health_metrics: true,
}

const service = { name: 'db' }
const route = { name: 'r' }
const whose = { service: 'db', route: 'r', workspace: 'default' }

test('as in Kong nothing is counted unless it is asked for', async () => {
  const plugin = await mount(prometheus, {})
  await plugin.connect()
  expect(plugin.metrics.names()).toEqual([])
  expect(plugin.metrics.isShown('upstream_health')).toBe(false)
})

test('what Kong has and layer 4 has not is accepted', async () => {
  const input = { per_consumer: true, ai_metrics: true, wasm_metrics: true }
  const plugin = await mount(prometheus, input)
  expect(plugin.config).toMatchObject(input)
  expect(plugin.metrics.names()).toEqual([])
})

test.each([
  ['status_code_metrics', ['kong_stream_sessions_total', 'kong_stream_endings_total']],
  [
    'latency_metrics',
    [
      'kong_session_duration_ms',
      'kong_kong_latency_ms',
      'kong_upstream_connect_ms',
      'kong_tls_handshake_ms',
      'kong_session_phase_duration_ms',
    ],
  ],
  ['bandwidth_metrics', ['kong_bandwidth_bytes']],
  ['upstream_health_metrics', []],
])('%s brings its metrics', async (setting, names) => {
  const { metrics } = await mount(prometheus, { [setting]: true })
  expect(metrics.names()).toEqual(names)
  expect(metrics.isShown('upstream_health')).toBe(setting === 'upstream_health_metrics')
})

test('a session with everything', async () => {
  const plugin = await mount(prometheus, everything)
  await plugin.connect({ service, route, sni: 'db.example', bytes: 'hello', reply: 'good day' })
  const { metrics } = plugin
  expect(
    metrics.value('kong_stream_sessions_total', { ...whose, code: 200, source: 'service' }),
  ).toBe(1)
  expect(metrics.value('kong_stream_endings_total', { ...whose, ending: 'client.closed' })).toBe(1)
  expect(metrics.value('kong_bandwidth_bytes', { ...whose, direction: 'ingress' })).toBe(5)
  expect(metrics.value('kong_bandwidth_bytes', { ...whose, direction: 'egress' })).toBe(8)
  for (const name of [
    'kong_session_duration_ms',
    'kong_kong_latency_ms',
    'kong_upstream_connect_ms',
    'kong_tls_handshake_ms',
  ]) {
    expect([name, metrics.observed(name, whose).count]).toEqual([name, 1])
  }
  const phases = ['preread', 'tls', 'balance', 'proxy'].map(
    (phase) => metrics.observed('kong_session_phase_duration_ms', { ...whose, phase }).count,
  )
  expect(phases).toEqual([1, 1, 1, 1])
})

test('one without an upstream is the gateway’s own', async () => {
  const plugin = await mount(prometheus, everything)
  await plugin.connect({ service, route, targets: ['a:1'], failing: ['a:1'] })
  const { metrics } = plugin
  const ending = 'upstream.connect.refused'
  expect(metrics.series('kong_stream_sessions_total')).toEqual([
    { ...whose, code: '502', source: 'kong' },
  ])
  expect(metrics.value('kong_stream_endings_total', { ...whose, ending })).toBe(1)
  expect(metrics.observed('kong_session_duration_ms', whose).count).toBe(1)
  expect(metrics.observed('kong_kong_latency_ms', whose).count).toBe(0)
  expect(metrics.series('kong_bandwidth_bytes')).toEqual([])
})

test('timers end with the instance', async () => {
  vi.useFakeTimers()
  try {
    const plugin = await mount(prometheus, everything)
    expect(vi.getTimerCount()).toBe(1)
    await plugin.unmount()
    expect(vi.getTimerCount()).toBe(0)
  } finally {
    vi.useRealTimers()
  }
})
