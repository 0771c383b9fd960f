import { expect, test } from 'vitest'
import { definePlugin } from '../index.ts'
import { mount } from './mount.ts'

const counting = definePlugin({
  name: 'counting',
  version: '1.0.0',
  priority: 1,
  schema: { type: 'object', properties: {} },
  setup: ({ metrics }) => ({
    ended: metrics.counter({ name: 'ended_total', help: 'Endings', labels: ['ending', 'code'] }),
    open: metrics.gauge({ name: 'open', help: 'Open' }),
    spread: metrics.histogram({ name: 'spread', help: 'Bytes', labels: ['side'], buckets: [4, 8] }),
  }),
  phases: {
    accept(_conn, { state, metrics }) {
      state.open.inc()
      metrics.show('upstream_health')
    },
    log({ ending, status, bytes }, { state }) {
      state.open.inc({}, -1)
      state.ended.inc({ ending, code: status })
      state.spread.observe({ side: 'client' }, bytes.client.received)
    },
  },
})

test('what a plugin counts can be read', async () => {
  const plugin = await mount(counting, {})
  expect(plugin.metrics.isShown('upstream_health')).toBe(false)
  await plugin.connect({ bytes: 'abc' })
  await plugin.connect({ bytes: 'abcdefgh!' })
  const { metrics } = plugin
  expect(metrics.names()).toEqual(['ended_total', 'open', 'spread'])
  expect(metrics.value('open')).toBe(0)
  expect(metrics.value('ended_total', { ending: 'client.closed', code: 200 })).toBe(2)
  expect(metrics.value('ended_total', { ending: 'client.closed', code: 403 })).toBe(0)
  expect(metrics.series('ended_total')).toEqual([{ ending: 'client.closed', code: '200' }])
  expect(metrics.observed('spread', { side: 'client' })).toEqual({
    count: 2,
    sum: 12,
    buckets: { 4: 1, 8: 1, '+Inf': 2 },
  })
  expect(metrics.observed('spread', { side: 'upstream' })).toMatchObject({ count: 0, sum: 0 })
  expect(metrics.isShown('upstream_health')).toBe(true)
  expect(() => metrics.value('other')).toThrow("the plugin has declared no metric 'other'")
})

test('a declaration that the gateway would refuse is refused', async () => {
  const wrong = definePlugin({
    name: 'wrong',
    version: '1.0.0',
    priority: 1,
    schema: { type: 'object', properties: {} },
    setup: ({ metrics }) => metrics.counter({ name: 'no-name', help: 'h' }),
    phases: {},
  })
  await expect(mount(wrong, {})).rejects.toThrow("metric 'no-name': a name has letters")
})
