import { expect, test } from 'vitest'
import { world } from '../../entities/plan.fixture.ts'
import type { Upstream } from '../../entities/rows.ts'
import { readChecks } from './checks.ts'

function upstreamWith(healthchecks: object): Upstream {
  const { set, create } = world()
  const { id } = create('upstreams', { name: 'pool.test', healthchecks })
  const row = set.get('upstreams', String(id))
  if (row === undefined) throw new Error('no upstream')
  return row
}

test.each([
  [{}, false],
  [{ active: { healthy: { successes: 3 }, unhealthy: { tcp_failures: 3 } } }, false],
  [{ passive: { healthy: { successes: 3 } } }, false],
  [{ active: { healthy: { interval: 1 } } }, true],
  [{ active: { unhealthy: { interval: 0.1 } } }, true],
  [{ passive: { unhealthy: { tcp_failures: 1 } } }, true],
  [{ passive: { unhealthy: { timeouts: 1 } } }, true],
  [{ passive: { unhealthy: { http_failures: 1 } } }, true],
])('%j: checked is %s', (healthchecks, checked) => {
  expect(readChecks(upstreamWith(healthchecks)) !== undefined).toBe(checked)
})

test('what is not said is Kong’s default', () => {
  const checks = readChecks(upstreamWith({ active: { healthy: { interval: 2 } } }))
  expect(checks?.active).toMatchObject({
    jitter: 0.1,
    concurrency: 10,
    limits: { success: 0, tcp_failure: 0, timeout: 0, http_failure: 0 },
    probe: { http: true, tls: false, timeout: 1000, verify: true, path: '/', headers: [] },
  })
  expect([checks?.active.interval(true), checks?.active.interval(false)]).toEqual([2000, 0])
  const verdicts = [200, 302, 404, 503, 418].map((status) => checks?.active.probe.verdict(status))
  expect(verdicts).toEqual(['success', 'success', 'http_failure', 'http_failure', undefined])
})

test('a probe is what its fields say', () => {
  const active = {
    type: 'tls',
    timeout: 0.25,
    concurrency: 3,
    jitter: 0,
    https_sni: 'sni.test',
    https_verify_certificate: false,
    headers: { 'x-a': ['1', '2'] },
    send: 'PING\\r\\n',
    expect: '\\x2b',
    expect_regex: '^\\+PONG',
    healthy: { interval: 0.0001, successes: 2, http_statuses: [204] },
    unhealthy: { interval: 5, tcp_failures: 1, timeouts: 2, http_failures: 3 },
  }
  const checks = readChecks(upstreamWith({ active }))
  expect(checks?.active).toMatchObject({
    jitter: 0,
    concurrency: 3,
    limits: { success: 2, tcp_failure: 1, timeout: 2, http_failure: 3 },
    probe: {
      http: false,
      tls: true,
      timeout: 250,
      sni: 'sni.test',
      verify: false,
      headers: [
        ['x-a', '1'],
        ['x-a', '2'],
      ],
      send: Buffer.from('PING\r\n'),
      expect: Buffer.from('+'),
      regex: /^\+PONG/s,
    },
  })
  expect([checks?.active.interval(true), checks?.active.interval(false)]).toEqual([10, 5000])
  expect([204, 200].map((status) => checks?.active.probe.verdict(status))).toEqual([
    'success',
    undefined,
  ])
})

test.each([
  ['tcp', false, false],
  ['tls', false, true],
  ['http', true, false],
  ['https', true, true],
  ['grpc', false, false],
  ['grpcs', false, true],
])('%s: http is %s, tls is %s', (type, http, tls) => {
  const checks = readChecks(upstreamWith({ active: { type, healthy: { interval: 1 } } }))
  expect(checks?.active.probe).toMatchObject({ http, tls })
})

test('fields that are null are not there', () => {
  const row = { ...upstreamWith({}), healthchecks: { active: null, passive: { unhealthy: null } } }
  expect(readChecks(row)).toBeUndefined()
  expect(readChecks({ ...row, healthchecks: null })).toBeUndefined()
})
