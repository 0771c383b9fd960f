import { expect, test } from 'vitest'
import type { TargetRow, Upstream } from '../entities/rows.ts'
import { world } from '../entities/plan.fixture.ts'
import { answerOf } from './names.fixture.ts'
import { describeUnchecked, describeUpstream, hostOf } from './target-health.ts'

function rows(threshold: number): { readonly upstream: Upstream; readonly target: TargetRow } {
  const { set, create } = world()
  const { id } = create('upstreams', { name: 'pool.test', healthchecks: { threshold } })
  create('targets', { target: '[::1]:90', weight: 3, upstream: { id } })
  const upstream = set.get('upstreams', String(id))
  const [target] = set.children('targets', 'upstream', String(id))
  if (upstream === undefined || target === undefined) throw new Error('nothing was created')
  return { upstream, target }
}

test('a target is resolved by its host without brackets or port', () => {
  const { target } = rows(0)
  expect(hostOf(target)).toBe('0000:0000:0000:0000:0000:0000:0000:0001')
  expect(hostOf({ ...target, target: 'a.test:80' })).toBe('a.test')
})

test('a target without a weight has the usual one', () => {
  const { target } = rows(0)
  const { data } = describeUnchecked({ ...target, weight: null }, answerOf(['::1', '::2']))
  expect(data).toMatchObject({ nodeWeight: 100, weight: { total: 200, available: 200 } })
})

test('an unchecked upstream is healthy while its weight is above the threshold', () => {
  for (const [threshold, healthy] of [
    [0, true],
    [99, true],
    [100, false],
  ] as const) {
    const { upstream, target } = rows(threshold)
    const { details, balancer_health: word } = describeUpstream(upstream, [
      describeUnchecked(target, answerOf(['::1'])),
    ])
    expect([details.healthy, word]).toEqual([healthy, healthy ? 'HEALTHY' : 'UNHEALTHY'])
    expect(
      describeUpstream(upstream, [describeUnchecked(target, answerOf([]))]).details.healthy,
    ).toBe(false)
  }
})

test('an SRV record brings a port and a weight of its own, unless the target is drained', () => {
  const { target } = rows(0)
  const answer = { type: 'SRV', addresses: [{ ip: '10.0.0.1', port: 7, weight: 5 }] } as const
  expect(describeUnchecked(target, answer)).toMatchObject({
    data: { dns: 'SRV', weight: { total: 5 }, addresses: [{ port: 7, weight: 5 }] },
  })
  expect(describeUnchecked({ ...target, weight: 0 }, answer)).toMatchObject({
    data: { weight: { total: 0 }, addresses: [{ port: 7, weight: 0 }] },
  })
})

test('why a name has no address is told where its type would be', () => {
  const { target } = rows(0)
  expect(describeUnchecked(target, answerOf([], 'NXDOMAIN'))).toMatchObject({
    health: 'DNS_ERROR',
    data: { dns: 'NXDOMAIN', addresses: [] },
  })
})
