import { mount } from '@kong-ts/pdk/testing'
import { slot } from '@kong-ts/pdk'
import { expect, test } from 'vitest'
import connectionLimiting from './index.ts'

const refused = {
  outcome: 'rejected',
  reason: 'connection limit exceeded',
  ending: 'plugin.connection-limiting.rejected',
}
const proxied = { outcome: 'proxied' }

test('so many at once by address; who has left makes room, another address has room of its own', async () => {
  const plugin = await mount(connectionLimiting, { limit: 2 })
  const dial = (from: string) => plugin.connect({ from })
  const from = ['10.0.0.1', '10.0.0.1', '10.0.0.1', '10.0.0.2']
  expect(await Promise.all(from.map(dial))).toMatchObject([proxied, proxied, refused, proxied])
  expect(await Promise.all(from.map(dial))).toMatchObject([proxied, proxied, refused, proxied])
  expect(plugin.counters.keys()).toEqual([])
})

test('networks are one client where their prefix says so', async () => {
  const plugin = await mount(connectionLimiting, { limit: 1, ipv4_prefix: 24 })
  const from = ['10.0.0.1', '10.0.0.2', '10.0.1.1', '2001:db8::1', '2001:db8::2']
  const dialled = await Promise.all(from.map((each) => plugin.connect({ from: each })))
  expect(dialled).toMatchObject([proxied, refused, proxied, proxied, refused])
})

test('a place is given back however the connection ends', async () => {
  const plugin = await mount(connectionLimiting, { limit: 1, limit_by: 'route' })
  const ways = [
    {},
    { failing: ['upstream:80'], retries: 2 },
    { service: null },
    { targets: ['a:1', 'b:1'], failing: ['a:1'] },
  ]
  for (const way of ways) {
    await plugin.connect(way)
    expect(plugin.counters.keys()).toEqual([])
  }
})

test('what is known after the handshake only is counted then, once over all tries', async () => {
  const config = { limit: 1, limit_by: 'slot', slot: 'tenant', error_message: 'enough' } as const
  const plugin = await mount(connectionLimiting, config)
  const tenant = slot<unknown>('tenant')
  const dial = (value: string) =>
    plugin.connect({
      slots: [[tenant, value]],
      targets: ['a:1', 'b:1', 'c:1'],
      failing: ['a:1', 'b:1'],
    })
  const both = await Promise.all([dial('one'), dial('one'), dial('two')])
  expect(both).toMatchObject([
    { ...proxied, target: 'c:1' },
    { ...refused, reason: 'enough' },
    { ...proxied, target: 'c:1' },
  ])
  expect(plugin.counters.keys()).toEqual([])
})

test.each([
  [{}, 'limit: required field missing'],
  [{ limit: 0 }, 'limit: value must be at least 1'],
  [{ limit: 1, limit_by: 'slot' }, 'config.slot is required with limit_by=slot'],
])('%j is refused', async (input, message) => {
  await expect(mount(connectionLimiting, input as { limit: number })).rejects.toThrow(message)
})
