import { slot } from '@kong-ts/pdk'
import { mount } from '@kong-ts/pdk/testing'
import { expect, test } from 'vitest'
import bandwidthLimiting from './index.ts'

const day = 24 * 60 * 60 * 1000
const reply = Buffer.alloc(100_000)

test('each connection has the rates for itself, with a burst', async () => {
  const plugin = await mount(bandwidthLimiting, { upload: 1000, download: 2000 })
  expect((await plugin.connect()).throttle).toEqual({ upload: 1000, download: 2000 })
  expect((await plugin.connect()).rates).toEqual({ upload: [], download: [] })
})

test('a key shares them, each direction apart', async () => {
  const config = { upload: 1000, download: 2000, burst: 5000, scope: 'key' } as const
  const plugin = await mount(bandwidthLimiting, { ...config, ipv4_prefix: 24 })
  const { throttle, rates } = await plugin.connect({ from: '10.0.0.7' })
  expect(throttle).toEqual({ upload: undefined, download: undefined })
  expect(rates).toMatchObject({
    upload: [{ key: 'upload ip:10.0.0.0/24', bytesPerSecond: 1000, burst: 5000 }],
    download: [{ key: 'download ip:10.0.0.0/24', bytesPerSecond: 2000, burst: 5000 }],
  })
})

test('a direction without a rate is not touched', async () => {
  const plugin = await mount(bandwidthLimiting, { download: 2000 })
  expect((await plugin.connect()).throttle).toEqual({ upload: undefined, download: 2000 })
})

test('not a byte more than the quota passes; then new connections are refused, until the window ends', async () => {
  const plugin = await mount(bandwidthLimiting, { quota: { day: 150_000, count: 'download' } })
  const dial = (from: string) => plugin.connect({ from, bytes: 'more!', reply })
  expect(await dial('10.0.0.1')).toMatchObject({ outcome: 'proxied' })
  const second = await dial('10.0.0.1')
  expect(second).toMatchObject({
    outcome: 'ended',
    ending: 'plugin.bandwidth-limiting.ended',
    reason: 'bandwidth quota exceeded: 150000 bytes per day',
  })
  expect(second.bytes.download).toHaveLength(50_000)
  expect(await dial('10.0.0.1')).toMatchObject({
    outcome: 'rejected',
    reason: 'bandwidth quota exceeded: 150000 bytes per day',
  })
  expect(await dial('10.0.0.2')).toMatchObject({ outcome: 'proxied' })
  plugin.clock.advance(day)
  expect(await dial('10.0.0.1')).toMatchObject({ outcome: 'proxied' })
  await plugin.unmount()
})

test.each([
  ['both', 100_010],
  ['upload', 10],
  ['download', 100_000],
] as const)('%s: what counts, and what is not used is given back', async (count, bytes) => {
  const plugin = await mount(bandwidthLimiting, { quota: { hour: 1_000_000, count } })
  await plugin.connect({ bytes: '0123456789', reply })
  await plugin.unmount()
  expect(plugin.shared.keys().map((key) => plugin.shared.value(key))).toEqual([bytes])
})

test('several windows: the shortest that is used up says so', async () => {
  const plugin = await mount(bandwidthLimiting, {
    quota: { hour: 150_000, month: 250_000 },
    error_message: 'enough',
  })
  await plugin.connect({ reply })
  expect(await plugin.connect({ reply })).toMatchObject({
    reason: 'enough: 150000 bytes per hour',
  })
  plugin.clock.advance(day)
  expect(await plugin.connect({ reply })).toMatchObject({ outcome: 'proxied' })
  expect(await plugin.connect({ reply })).toMatchObject({
    reason: 'enough: 250000 bytes per month',
  })
  await plugin.unmount()
})

test('a quota by what is known after the handshake, also when a connect is tried again', async () => {
  const user = slot<string>('user')
  const plugin = await mount(bandwidthLimiting, {
    limit_by: 'slot',
    slot: 'user',
    quota: { day: 100 },
  })
  const dial = (name: string) =>
    plugin.connect({
      slots: [[user, name]],
      bytes: Buffer.alloc(60),
      targets: ['a:1', 'b:1'],
      failing: ['a:1'],
    })
  expect(await dial('ann')).toMatchObject({ outcome: 'proxied', target: 'b:1' })
  expect(await dial('ann')).toMatchObject({ outcome: 'ended' })
  expect(await dial('ann')).toMatchObject({ outcome: 'rejected' })
  expect(await dial('bob')).toMatchObject({ outcome: 'proxied' })
  await plugin.unmount()
})

test('a store that is away: bytes go on, and are counted when it is back', async () => {
  const plugin = await mount(bandwidthLimiting, { quota: { day: 150_000 } })
  plugin.shared.isAway = true
  for (let count = 0; count < 3; count++) {
    expect(await plugin.connect({ reply })).toMatchObject({ outcome: 'proxied' })
  }
  expect(plugin.lines.filter(({ level }) => level === 'warn')).toHaveLength(1)
  plugin.shared.isAway = false
  plugin.clock.advance(1000)
  await plugin.connect({ reply })
  expect(await plugin.connect({ reply })).toMatchObject({ outcome: 'rejected' })
  const [key = ''] = plugin.shared.keys()
  expect(plugin.shared.value(key)).toBeGreaterThanOrEqual(300_000)
  await plugin.unmount()
})

test('a store that is away, and the quota must hold: nothing begins, and nothing goes on', async () => {
  const plugin = await mount(bandwidthLimiting, {
    quota: { day: 10_000_000 },
    fault_tolerant: false,
  })
  const ended = await plugin.connect({
    reply: () => {
      plugin.shared.isAway = true
      return Buffer.alloc(1_000_000)
    },
  })
  expect(ended).toMatchObject({
    outcome: 'ended',
    reason: 'the bandwidth quota cannot be checked',
  })
  expect(await plugin.connect()).toMatchObject({
    outcome: 'rejected',
    reason: 'the bandwidth quota cannot be checked',
  })
  plugin.shared.isAway = false
  plugin.clock.advance(1000)
  expect(await plugin.connect()).toMatchObject({ outcome: 'proxied' })
  await plugin.unmount()
})

test.each([
  [{}, "'config.upload', 'config.download', 'config.quota'"],
  [{ upload: 0 }, 'upload'],
  [{ quota: {} }, 'quota'],
  [{ quota: { day: 1, weekly: 2 } }, 'weekly'],
  [{ quota: { hour: 2, day: 1 } }, 'config.quota.day cannot be lower than config.quota.hour'],
  [{ quota: { day: 1 }, burst: 5 }, 'config.burst is only used with'],
  [{ upload: 1, slot: 'x' }, 'config.slot is only used with limit_by=slot'],
])('%j is refused: %s', async (config, why) => {
  await expect(mount(bandwidthLimiting, config)).rejects.toThrow(why)
})
