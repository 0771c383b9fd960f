import { expect, test } from 'vitest'
import { HostSelections, type HostSelection } from './host-selections.ts'
import type { Answer } from './names.ts'
import { around, askOf, FakeNames } from './pools.fixture.ts'

function picks(found: HostSelection | Promise<HostSelection>, times: number): string[] {
  if (found instanceof Promise) expect.fail('the name is known')
  const { selection } = found
  return Array.from({ length: times }, () => {
    const peer = selection.pick(askOf())
    return typeof peer === 'string' ? peer : peer.key
  })
}

test('the addresses of a host take turns, over all connections of a service', () => {
  const names = new FakeNames()
  const hosts = new HostSelections(names, around())
  const service = { host: 'up.test', port: 9 }
  names.set('up.test', { addresses: [{ ip: '10.0.0.1' }, { ip: '10.0.0.2' }] })
  const [first] = picks(hosts.of(service), 1)
  // The same addresses in another order are no news.
  names.set('up.test', { addresses: [{ ip: '10.0.0.2' }, { ip: '10.0.0.1' }] })
  const [second] = picks(hosts.of(service), 1)
  expect([first, second].toSorted((a = '', b = '') => (a < b ? -1 : 1))).toEqual([
    '10.0.0.1:9',
    '10.0.0.2:9',
  ])
  names.set('up.test', { addresses: [{ ip: '10.0.0.3' }] })
  expect(picks(hosts.of(service), 2)).toEqual(['10.0.0.3:9', '10.0.0.3:9'])
  names.set('up.test', { addresses: [] })
  expect(picks(hosts.of(service), 1)).toEqual(['none'])
})

test('SRV records have their own ports and weights', () => {
  const names = new FakeNames()
  const addresses = [
    { ip: '10.0.0.1', port: 81, weight: 3 },
    { ip: '10.0.0.2', port: 82, weight: 1 },
  ]
  names.set('up.test', { type: 'SRV', addresses })
  const hosts = new HostSelections(names, around())
  const picked = picks(hosts.of({ host: 'up.test', port: 9 }), 40)
  expect(picked.filter((key) => key === '10.0.0.1:81')).toHaveLength(30)
  expect(picked.filter((key) => key === '10.0.0.2:82')).toHaveLength(10)
})

test('a name that has to be asked for is waited for', async () => {
  const answer: Answer = { type: 'A', addresses: [{ ip: '10.0.0.1' }] }
  const names = { resolve: async () => answer, watch: () => expect.fail('nobody watches') }
  const selection = await new HostSelections(names, around()).of({ host: 'up.test', port: 1 })
  expect(picks(selection, 1)).toEqual(['10.0.0.1:1'])
})
