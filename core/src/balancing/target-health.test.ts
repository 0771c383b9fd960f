import { expect, test } from 'vitest'
import { world } from '../entities/plan.fixture.ts'
import type { TargetRow, Upstream } from '../entities/rows.ts'
import type { Answer } from './names.ts'
import { addressesOf } from './target-addresses.ts'
import { describeTarget, describeUpstream, type AddressReport } from './target-health.ts'

function rows(threshold: number): { readonly upstream: Upstream; readonly target: TargetRow } {
  const { set, create } = world()
  const { id } = create('upstreams', { name: 'pool.test', healthchecks: { threshold } })
  create('targets', { target: 'a.test:90', weight: 3, upstream: { id } })
  const upstream = set.get('upstreams', String(id))
  const [target] = set.children('targets', 'upstream', String(id))
  if (upstream === undefined || target === undefined) throw new Error('nothing was created')
  return { upstream, target }
}

const two: Answer = { type: 'A', addresses: [{ ip: '10.0.0.1' }, { ip: '10.0.0.2' }] }
const none: Answer = { type: 'A', addresses: [], error: 'NXDOMAIN' }

function describe(row: TargetRow, answer: Answer, ...healths: readonly AddressReport['health'][]) {
  const reports = healths.values()
  return describeTarget(row, answer, addressesOf(row, answer, false), () => ({
    health: reports.next().value ?? 'HEALTHCHECKS_OFF',
    manual: false,
  }))
}

test('a target is as many addresses as its name has, and as well as the best of them', () => {
  const { target } = rows(0)
  const address = { port: 90, weight: 3 }
  expect(describe(target, two, 'UNHEALTHY', 'HEALTHY')).toEqual({
    health: 'HEALTHY',
    data: {
      host: 'a.test',
      port: 90,
      dns: 'A',
      nodeWeight: 3,
      weight: { total: 6, available: 3, unavailable: 3 },
      addresses: [
        { ip: '10.0.0.1', ...address, health: 'UNHEALTHY' },
        { ip: '10.0.0.2', ...address, health: 'HEALTHY' },
      ],
    },
  })
  expect(describe(target, two, 'UNHEALTHY', 'UNHEALTHY').health).toBe('UNHEALTHY')
  expect(describe(target, two).health).toBe('HEALTHCHECKS_OFF')
  expect(describe(target, none)).toMatchObject({
    health: 'DNS_ERROR',
    data: { dns: 'NXDOMAIN', weight: { total: 0, available: 0, unavailable: 0 }, addresses: [] },
  })
  const local = { ...target, target: '[0000:0000:0000:0000:0000:0000:0000:0001]:90', weight: null }
  expect(describe(local, { type: 'AAAA', addresses: [{ ip: '::1' }] })).toMatchObject({
    data: { host: '[0000:0000:0000:0000:0000:0000:0000:0001]', dns: 'AAAA', nodeWeight: 100 },
  })
})

test('what an operator says is told as such', () => {
  const { target } = rows(0)
  const manual = describeTarget(target, two, addressesOf(target, two, false), ({ ip }) => ({
    health: 'UNHEALTHY',
    manual: ip === '10.0.0.2',
  }))
  expect(manual).toMatchObject({ health: 'UNHEALTHY', manual: true })
  expect(manual.data.addresses.map((address) => address.manual)).toEqual([undefined, true])
})

test.each([
  [0, 0, 'HEALTHY'],
  [49.9, 1, 'HEALTHY'],
  [50, 1, 'UNHEALTHY'],
  [0, 2, 'UNHEALTHY'],
  [99, 0, 'HEALTHY'],
  [100, 0, 'UNHEALTHY'],
] as const)(
  'with a threshold of %d and %i of two addresses away it is %s',
  (threshold, away, word) => {
    const { upstream, target } = rows(threshold)
    const states = ['UNHEALTHY', 'UNHEALTHY', 'HEALTHY', 'HEALTHY'] as const
    const health = describe(target, two, ...states.slice(2 - away))
    const whole = describeUpstream(upstream, [health, describe(target, none)], true)
    expect(whole).toMatchObject({
      id: upstream.id,
      health: word,
      balancer_health: word,
      details: { healthy: word === 'HEALTHY', weight: { total: 6, unavailable: 3 * away } },
    })
    expect(describeUpstream(upstream, [health], false)).toMatchObject({
      health: 'HEALTHCHECKS_OFF',
      balancer_health: word,
    })
    expect(describeUpstream(upstream, [], true).balancer_health).toBe('UNHEALTHY')
  },
)

test('of the upstream as a whole an address is chosen or not', () => {
  const { upstream, target } = rows(0)
  const { details } = describeUpstream(upstream, [describe(target, two, 'UNHEALTHY')], false)
  expect(details.hosts).toMatchObject([
    {
      host: 'a.test',
      addresses: [
        { ip: '10.0.0.1', port: 90, weight: 3, healthy: false },
        { ip: '10.0.0.2', healthy: true },
      ],
    },
  ])
})
