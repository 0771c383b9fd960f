import { slot } from '@kong-ts/pdk'
import { mount } from '@kong-ts/pdk/testing'
import type { Dial, Mounted } from '@kong-ts/pdk/testing'
import { once } from 'node:events'
import { createServer } from 'node:net'
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

test('months and years follow the calendar', async () => {
  const now = Date.UTC(2026, 1, 28, 23)
  const plugin = await mount(rateLimiting, { month: 1, year: 2 }, { now })
  expect(await outcomes(plugin, {}, {})).toEqual(['proxied', 'rejected'])
  plugin.clock.advance(3_600_000)
  expect(await outcomes(plugin, {}, {})).toEqual(['proxied', 'rejected'])
  plugin.clock.advance(40 * 86_400_000)
  expect(await outcomes(plugin, {})).toEqual(['rejected'])
  plugin.clock.advance(300 * 86_400_000)
  expect(await outcomes(plugin, {})).toEqual(['proxied'])
})

test('a sliding window looks back from each connection', async () => {
  const now = Date.UTC(2026, 0, 1, 0, 0, 59)
  const config = { minute: 2, algorithm: 'sliding-window' } as const
  const plugin = await mount(rateLimiting, config, { now })
  expect(await outcomes(plugin, {})).toEqual(['proxied'])
  plugin.clock.advance(30_000)
  expect(await outcomes(plugin, {}, {})).toEqual(['proxied', 'rejected'])
  plugin.clock.advance(30_600)
  expect(await outcomes(plugin, {}, {})).toEqual(['proxied', 'rejected'])
})

test('a bucket lets a burst in, and then one for each that comes back', async () => {
  const config = { second: 4, burst: 3, algorithm: 'token-bucket' } as const
  const plugin = await mount(rateLimiting, config)
  expect(await outcomes(plugin, {}, {}, {})).toEqual(['proxied', 'proxied', 'proxied'])
  expect(await outcomes(plugin, {})).toEqual(['rejected'])
  plugin.clock.advance(250)
  expect(await outcomes(plugin, {}, {})).toEqual(['proxied', 'rejected'])
})

test('networks, names and what another plugin has learnt', async () => {
  const byNetwork = await mount(rateLimiting, { day: 1, ipv4_prefix: 24 })
  const near = { from: '10.0.0.9' }
  expect(await outcomes(byNetwork, { from: '10.0.0.1' }, near)).toEqual(['proxied', 'rejected'])
  const bySni = await mount(rateLimiting, { day: 1, limit_by: 'sni' })
  expect(await outcomes(bySni, { sni: 'a.test' }, { sni: 'b.test' }, { sni: 'a.test' })).toEqual([
    'proxied',
    'proxied',
    'rejected',
  ])
  const bySlot = await mount(rateLimiting, { day: 1, limit_by: 'slot', slot: 'tenant' })
  const tenant = (name: string): Dial => ({ slots: [[slot('tenant'), name]] })
  const failing = { ...tenant('a'), targets: ['x:1', 'y:1'], failing: ['x:1'] }
  expect(await outcomes(bySlot, failing, tenant('b'), tenant('a'))).toEqual([
    'proxied',
    'proxied',
    'rejected',
  ])
})

test('a connection over the limit waits in the queue, or leaves it', async () => {
  const config = { second: 1, algorithm: 'token-bucket', queue: { size: 1 } } as const
  const plugin = await mount(rateLimiting, config)
  expect(await outcomes(plugin, {})).toEqual(['proxied'])
  const leaving = await plugin.connect({ leaves: Promise.resolve() })
  expect(leaving).toMatchObject({ outcome: 'rejected', reason: 'the client left the queue' })
  const waiting = plugin.connect()
  expect(await plugin.connect()).toMatchObject({
    reason: 'rate limit exceeded, and the queue is full',
  })
  plugin.clock.advance(1000)
  expect(await waiting).toMatchObject({ outcome: 'proxied' })
})

test('who has waited in vain is refused', async () => {
  const plugin = await mount(rateLimiting, { year: 1, queue: { size: 1, timeout: 1 } })
  await plugin.connect()
  expect(await plugin.connect()).toMatchObject({ reason: 'rate limit exceeded for 1 ms' })
})

test.each([true, false])('a Redis that is away, fault_tolerant %s', async (fault_tolerant) => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  server.close()
  await once(server, 'close')
  const redis = { host: '127.0.0.1', port }
  const plugin = await mount(rateLimiting, { day: 1, policy: 'redis', redis, fault_tolerant })
  const [first, second] = [await plugin.connect(), await plugin.connect()]
  const reason = expect.stringMatching(/^the rate limit cannot be told: .*ECONNREFUSED/)
  const refused = { outcome: 'rejected', reason }
  expect(first).toMatchObject(fault_tolerant ? { outcome: 'proxied' } : refused)
  expect(second).toMatchObject(fault_tolerant ? { outcome: 'rejected' } : refused)
  expect(plugin.lines.map(({ message }) => message)).toEqual([
    expect.stringMatching(/^Redis is away: .*ECONNREFUSED/),
  ])
  await plugin.unmount()
})

test('what Kong’s clients send is taken, with or without effect', async () => {
  const plugin = await mount(rateLimiting, {
    minute: 1,
    hide_client_headers: true,
    error_code: 429,
    sync_rate: -1,
    fault_tolerant: true,
    redis: { port: 6379, timeout: 2000, database: 0, ssl: false, ssl_verify: false },
  })
  expect(await outcomes(plugin, {}, {})).toEqual(['proxied', 'rejected'])
})

test.each([
  [
    {},
    "at least one of these fields must be non-empty: 'config.second', 'config.minute', 'config.hour', 'config.day', 'config.month', 'config.year'",
  ],
  [{ second: 0 }, 'second: value must be greater than 0'],
  [
    { second: 10, minute: 5 },
    'The limit for minute(5.0) cannot be lower than the limit for second(10.0)',
  ],
  [{ minute: 1, policy: 'redis' }, 'redis: required field missing'],
  [{ minute: 1, policy: 'redis', redis: { port: 1 } }, 'redis.host: required field missing'],
  [{ minute: 1, sync_rate: 1 }, 'sync_rate can only be used with the redis policy'],
  [
    { minute: 1, policy: 'redis', redis: { host: 'h' }, sync_rate: 0.01 },
    'sync_rate must be greater than 0.02, or -1 to disable',
  ],
  [
    { minute: 1, policy: 'redis', redis: { host: 'h' }, sync_rate: 86_401 },
    'config.sync_rate must be at most 86400',
  ],
  [
    { minute: 1, policy: 'cluster', sync_rate: 0 },
    'sync_rate must be greater than 0.02, or -1 to disable',
  ],
  [{ minute: 1, burst: 5 }, 'config.burst is only used with algorithm=token-bucket'],
  [{ minute: 1, namespace: 'n' }, 'config.namespace is only used with policy=redis'],
  [{ minute: 1, limit_by: 'slot' }, 'config.slot is required with limit_by=slot'],
  [{ minute: 1, queue: { size: 0 } }, 'queue.size: value must be at least 1'],
] as const)('%j is refused', async (input, message) => {
  await expect(mount(rateLimiting, input)).rejects.toThrow(message)
})
