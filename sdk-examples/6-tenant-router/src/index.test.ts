import { mount } from '@kong-ts/pdk/testing'
import { expect, test } from 'vitest'
import tenantRouter from './index.ts'

const services = [
  { name: 'tenant-acme', host: 'acme.internal', port: 5432 },
  { name: 'tenant-umbrella', host: 'umbrella.internal', port: 5433 },
]

test.each([
  ['acme.db.example', 'acme.internal:5432'],
  ['umbrella.db.example', 'umbrella.internal:5433'],
])('%s goes to %s', async (sni, target) => {
  const plugin = await mount(tenantRouter, { domain: 'DB.example' })
  const dialled = await plugin.connect({ sni, services })
  expect(dialled).toMatchObject({ outcome: 'proxied', target })
})

test.each([
  ['nobody.db.example', 'no service for nobody'],
  ['db.example', 'no tenant of db.example'],
  ['a.acme.db.example', 'no tenant of db.example'],
  ['acme.db.example.evil.test', 'no tenant of db.example'],
])('%s is turned away: %s', async (sni, reason) => {
  const plugin = await mount(tenantRouter, { domain: 'db.example' })
  expect(await plugin.connect({ sni, services })).toMatchObject({ outcome: 'rejected', reason })
})

test('a route without a service of its own will do', async () => {
  const plugin = await mount(tenantRouter, { domain: 'db.example' })
  const dial = { sni: 'acme.db.example', service: null, services }
  expect(await plugin.connect(dial)).toMatchObject({ target: 'acme.internal:5432' })
})
