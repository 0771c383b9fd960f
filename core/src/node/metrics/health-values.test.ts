import { expect, test } from 'vitest'
import { fixedNames } from '../../balancing/names.fixture.ts'
import { EntitySet } from '../../entities/entity-set.ts'
import { targetRow, upstreamRow } from '../../balancing/pools.fixture.ts'
import { OperatorHealth } from '../health/operator-health.ts'
import { healthValues } from './health-values.ts'

test('every address of every target, a value for each state, 1 for the present one', async () => {
  const set = EntitySet.empty()
  set.apply([
    { op: 'put', entity: 'upstreams', row: upstreamRow('u') },
    { op: 'put', entity: 'targets', row: targetRow('u', 'two.test:80') },
    { op: 'put', entity: 'targets', row: targetRow('u', 'nowhere.test:80') },
  ])
  const names = fixedNames((host) => (host === 'two.test' ? ['10.0.0.1', '10.0.0.2'] : []))
  const states = { '10.0.0.1:80': 'HEALTHY', '10.0.0.2:80': 'UNHEALTHY' } as const
  const knowledge = {
    isChecked: () => true,
    report: (_row: object, { peer }: { readonly peer: string }) => ({
      health: peer === '10.0.0.1:80' ? states[peer] : states['10.0.0.2:80'],
      manual: false,
    }),
    put: () => undefined,
    remove: () => undefined,
  }
  const write = () => Promise.reject(new Error('nothing is written'))
  const health = new OperatorHealth({ entities: set, write }, knowledge, names)
  const values = await healthValues(set, health)
  expect(values).toHaveLength(12)
  const present = values.filter(({ value }) => value === 1).map(({ labels }) => labels)
  const upstream = 'u.test'
  const subsystem = 'stream'
  expect(present).toEqual([
    { upstream, target: 'nowhere.test:80', address: '', state: 'dns_error', subsystem },
    { upstream, target: 'two.test:80', address: '10.0.0.1:80', state: 'healthy', subsystem },
    { upstream, target: 'two.test:80', address: '10.0.0.2:80', state: 'unhealthy', subsystem },
  ])
})
