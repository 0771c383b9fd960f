import { expect, test } from 'vitest'
import type { TargetRow, Upstream } from '../entities/rows.ts'
import { world } from '../entities/plan.fixture.ts'
import { fixedNames } from './names.fixture.ts'
import { createUncheckedHealth } from './unchecked-health.ts'

const health = createUncheckedHealth(
  fixedNames(async (host) => {
    if (host === 'two.test') return ['10.0.0.1', '10.0.0.2']
    if (host === 'six.test') return ['fd00::1']
    return []
  }),
)

function pool() {
  const { set, create } = world()
  const { id } = create('upstreams', { name: 'pool.test' })
  const add = (target: string, weight: number) =>
    create('targets', { target, weight, upstream: { id } })
  const rows = (): { upstream: Upstream; targets: readonly TargetRow[] } => {
    const upstream = set.get('upstreams', String(id))
    if (upstream === undefined) throw new Error('no upstream')
    return { upstream, targets: set.children('targets', 'upstream', String(id)) }
  }
  return { add, rows }
}

test('a target is as many addresses as its name has', async () => {
  const { add, rows } = pool()
  for (const target of ['two.test:80', 'six.test', 'none.test:1', '10.1.1.1:5', '[::1]:9']) {
    add(target, 10)
  }
  const { upstream, targets } = rows()
  const [two, six, none, four, local] = await health.ofTargets(upstream, targets)
  const off = { port: 80, weight: 10, health: 'HEALTHCHECKS_OFF' }
  expect(two).toEqual({
    health: 'HEALTHCHECKS_OFF',
    data: {
      host: 'two.test',
      port: 80,
      dns: 'A',
      nodeWeight: 10,
      weight: { total: 20, available: 20, unavailable: 0 },
      addresses: ['10.0.0.1', '10.0.0.2'].map((ip) => ({ ip, ...off })),
    },
  })
  expect(six).toMatchObject({ data: { port: 8000, dns: 'AAAA', addresses: [{ ip: 'fd00::1' }] } })
  expect(none).toMatchObject({
    health: 'DNS_ERROR',
    data: { host: 'none.test', weight: { total: 0 }, addresses: [] },
  })
  expect(four).toMatchObject({ health: 'HEALTHCHECKS_OFF', data: { host: '10.1.1.1', dns: 'A' } })
  expect(local).toMatchObject({
    data: { host: '[0000:0000:0000:0000:0000:0000:0000:0001]', port: 9, dns: 'AAAA' },
  })
})

test('an upstream is the sum of its targets', async () => {
  const { add, rows } = pool()
  const empty = rows()
  expect(await health.ofUpstream(empty.upstream, empty.targets)).toEqual({
    id: empty.upstream.id,
    health: 'HEALTHCHECKS_OFF',
    balancer_health: 'UNHEALTHY',
    details: { healthy: false, weight: { total: 0, available: 0, unavailable: 0 }, hosts: [] },
  })
  add('10.1.1.1:5', 3)
  add('two.test:80', 4)
  add('none.test:1', 5)
  const { upstream, targets } = rows()
  expect(await health.ofUpstream(upstream, targets)).toMatchObject({
    balancer_health: 'HEALTHY',
    details: {
      healthy: true,
      weight: { total: 11, available: 11 },
      hosts: [
        { host: '10.1.1.1', addresses: [{ ip: '10.1.1.1', port: 5, weight: 3, healthy: true }] },
        { addresses: [{}, {}] },
        { addresses: [] },
      ],
    },
  })
})

test("nobody acts on an operator's word", async () => {
  const { add, rows } = pool()
  add('10.1.1.1:5', 3)
  const { upstream, targets } = rows()
  const [target] = targets
  expect(target && (await health.mark({ upstream, target, healthy: true }))).toBe(false)
})
