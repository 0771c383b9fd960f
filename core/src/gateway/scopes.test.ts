import type { Protocol } from '@kong-ts/pdk'
import { expect, test } from 'vitest'
import type { PluginRow } from '../entities/rows.ts'
import { instanceHost, pluginOf } from '../pipeline/instances.fixture.ts'
import { PluginInstance } from '../plugins/instance.ts'
import { pluginRow, routeRow } from './rows.fixture.ts'
import { Scopes } from './scopes.ts'

async function place(scopes: Scopes, row: PluginRow, priority?: number): Promise<void> {
  const plugin = pluginOf(row.name, {}, priority)
  scopes.put({ row, instance: await PluginInstance.create(row.id, plugin, {}, instanceHost) })
}

const route = routeRow('r', 's')
const idsOf = (instances: readonly PluginInstance[]) => instances.map(({ self }) => self.id)
const on = (scopes: Scopes, protocol: Protocol = 'tcp', to = route) =>
  idsOf(scopes.on(to, protocol))

const both = { route: { id: 'r' }, service: { id: 's' } }
const onRoute = { route: { id: 'r' } }
const onService = { service: { id: 's' } }

test('of one plugin the most specific instance wins, whatever came first', async () => {
  const scopes = new Scopes()
  await place(scopes, pluginRow('both', 'a', both))
  await place(scopes, pluginRow('global', 'a'))
  await place(scopes, pluginRow('service', 'a', onService))
  await place(scopes, pluginRow('route', 'a', onRoute))
  await place(scopes, pluginRow('elsewhere', 'a', { route: { id: 'other' } }))
  for (const winner of ['both', 'route', 'service', 'global']) {
    expect(on(scopes)).toEqual([winner])
    expect(scopes.delete(winner)?.row.id).toBe(winner)
  }
  expect(on(scopes)).toEqual([])
  expect(scopes.delete('global')).toBeUndefined()
})

test('an instance that does not take part in the protocol leaves the field to a wider one', async () => {
  const scopes = new Scopes()
  await place(scopes, pluginRow('global', 'a'))
  await place(scopes, pluginRow('route', 'a', { ...onRoute, protocols: ['tls'] }))
  expect(on(scopes, 'tls')).toEqual(['route'])
  expect(on(scopes, 'tcp')).toEqual(['global'])
})

test('different plugins run by priority, higher first; equal ones by name, descending', async () => {
  const scopes = new Scopes()
  await place(scopes, pluginRow('1', 'middle', onService), 5)
  await place(scopes, pluginRow('2', 'last'), 1)
  await place(scopes, pluginRow('3', 'alike-a', onRoute), 9)
  await place(scopes, pluginRow('4', 'alike-b'), 9)
  expect(on(scopes)).toEqual(['4', '3', '1', '2'])
})

test('before the route is known only global instances run, whatever their protocols', async () => {
  const scopes = new Scopes()
  await place(scopes, pluginRow('global', 'a', { protocols: ['tls'] }))
  await place(scopes, pluginRow('route', 'a', onRoute))
  await place(scopes, pluginRow('service', 'b', onService))
  expect(idsOf(scopes.global())).toEqual(['global'])
})

test('a route without a service has no service’s plugins', async () => {
  const scopes = new Scopes()
  await place(scopes, pluginRow('service', 'a', onService))
  await place(scopes, pluginRow('route', 'b', onRoute))
  expect(on(scopes, 'tcp', routeRow('r', null))).toEqual(['route'])
})

test('an instance that moves is found in its new place alone', async () => {
  const scopes = new Scopes()
  await place(scopes, pluginRow('a', 'a'))
  await place(scopes, pluginRow('a', 'a', { route: { id: 'other' } }))
  expect(on(scopes)).toEqual([])
  expect([...scopes.all()]).toHaveLength(1)
  expect(scopes.get('a')?.row.route).toEqual({ id: 'other' })
})
