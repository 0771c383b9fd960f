import { mount } from '@kong-ts/pdk/testing'
import type { Dial, Mounted } from '@kong-ts/pdk/testing'
import { expect, test } from 'vitest'
import rateLimiting from './index.ts'

async function outcomes(plugin: Mounted<unknown, unknown>, ...dials: Dial[]): Promise<string[]> {
  const found: string[] = []
  for (const dial of dials) found.push((await plugin.connect(dial)).outcome)
  return found
}

test('a client over its limit is refused until the window has passed', async () => {
  const plugin = await mount(rateLimiting, { minute: 2 })
  const dial = { from: '10.0.0.1' }
  expect(await outcomes(plugin, dial, dial, dial)).toEqual(['proxied', 'proxied', 'rejected'])
  expect(await plugin.connect(dial)).toMatchObject({
    reason: 'rate limit exceeded',
    ending: 'plugin.rate-limiting.rejected',
  })
  plugin.clock.advance(59_999)
  expect(await outcomes(plugin, dial)).toEqual(['rejected'])
  plugin.clock.advance(1)
  expect(await outcomes(plugin, dial, dial, dial)).toEqual(['proxied', 'proxied', 'rejected'])
})

test('clients are counted apart by default', async () => {
  const plugin = await mount(rateLimiting, { second: 1 })
  const [one, two] = [{ from: '10.0.0.1' }, { from: '10.0.0.2' }]
  expect(await outcomes(plugin, one, two, one)).toEqual(['proxied', 'proxied', 'rejected'])
})

test('by service and by route clients are counted together', async () => {
  const byService = await mount(rateLimiting, { second: 1, limit_by: 'service' })
  const route = { id: 'another' }
  expect(await outcomes(byService, { from: '10.0.0.1' }, { from: '10.0.0.2', route })).toEqual([
    'proxied',
    'rejected',
  ])
  const byRoute = await mount(rateLimiting, { second: 1, limit_by: 'route' })
  expect(await outcomes(byRoute, {}, { from: '10.0.0.2' }, { route })).toEqual([
    'proxied',
    'rejected',
    'proxied',
  ])
})

test('a connection that one window refuses costs the others nothing', async () => {
  const plugin = await mount(rateLimiting, { second: 1, minute: 3 })
  expect(await outcomes(plugin, {}, {}, {})).toEqual(['proxied', 'rejected', 'rejected'])
  plugin.clock.advance(1000)
  expect(await outcomes(plugin, {}, {})).toEqual(['proxied', 'rejected'])
  plugin.clock.advance(1000)
  expect(await outcomes(plugin, {})).toEqual(['proxied'])
  plugin.clock.advance(1000)
  expect(await outcomes(plugin, {})).toEqual(['rejected'])
  const seconds = plugin.counters.keys().filter((key) => key.endsWith(':second'))
  expect(seconds).toEqual([])
})

test('the message is the reason', async () => {
  const plugin = await mount(rateLimiting, { day: 1, error_message: 'come back tomorrow' })
  await plugin.connect()
  expect(await plugin.connect()).toMatchObject({ reason: 'come back tomorrow' })
})

test.each([
  [
    {},
    "at least one of these fields must be non-empty: 'config.second', 'config.minute', 'config.hour', 'config.day'",
  ],
  [{ second: 0 }, 'second: value must be greater than 0'],
  [
    { second: 10, minute: 5 },
    'The limit for minute(5.0) cannot be lower than the limit for second(10.0)',
  ],
])('%j is refused', async (input, message) => {
  await expect(mount(rateLimiting, input)).rejects.toThrow(message)
})
