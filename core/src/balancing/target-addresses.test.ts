import { expect, test } from 'vitest'
import { world } from '../entities/plan.fixture.ts'
import type { TargetRow } from '../entities/rows.ts'
import { addressesOf, hostOf, portOf, weightOf } from './target-addresses.ts'

function rowOf(target: string, weight = 3): TargetRow {
  const { set, create } = world()
  const { id } = create('upstreams', { name: 'pool.test' })
  create('targets', { target, weight, upstream: { id } })
  const [row] = set.children('targets', 'upstream', String(id))
  if (row === undefined) throw new Error('nothing was created')
  return row
}

test('a target is resolved by its host without brackets or port', () => {
  expect(hostOf(rowOf('[::1]:90'))).toBe('0000:0000:0000:0000:0000:0000:0000:0001')
  expect([hostOf(rowOf('a.test:80')), portOf(rowOf('a.test:80')), portOf(rowOf('a.test'))]).toEqual(
    ['a.test', 80, 8000],
  )
  expect([weightOf(rowOf('a.test')), weightOf({ ...rowOf('a.test'), weight: null })]).toEqual([
    3, 100,
  ])
})

test('its addresses have its port and weight', () => {
  const answer = { type: 'A', addresses: [{ ip: '10.0.0.1' }, { ip: '10.0.0.2' }] } as const
  const common = { port: 80, weight: 3, host: 'a.test' }
  expect(addressesOf(rowOf('a.test:80'), answer, true)).toEqual([
    { peer: '10.0.0.1:80', ip: '10.0.0.1', ...common },
    { peer: '10.0.0.2:80', ip: '10.0.0.2', ...common },
  ])
})

test('of a name with addresses of both families connections begin with IPv4', () => {
  const answer = { type: 'A', addresses: [{ ip: '10.0.0.1' }, { ip: '::1' }] } as const
  expect(addressesOf(rowOf('a.test:80'), answer, false).map(({ peer }) => peer)).toEqual([
    '10.0.0.1:80',
  ])
  const six = { type: 'AAAA', addresses: [{ ip: '::1' }] } as const
  expect(addressesOf(rowOf('a.test:80'), six, false).map(({ peer }) => peer)).toEqual(['[::1]:80'])
})

test('those of an SRV record have their own, as far as it says them', () => {
  const record = { ip: '10.0.0.1', port: 5432, weight: 7, name: 'db1.test' }
  const answer = { type: 'SRV', addresses: [record, { ...record, port: 0 }] } as const
  expect(addressesOf(rowOf('a.test:80'), answer, false)).toMatchObject([
    { peer: '10.0.0.1:5432', weight: 7, host: 'a.test' },
    { peer: '10.0.0.1:80' },
  ])
  expect(addressesOf(rowOf('a.test:80', 0), answer, true)).toMatchObject([
    { weight: 0, host: 'db1.test' },
    { weight: 0 },
  ])
})
