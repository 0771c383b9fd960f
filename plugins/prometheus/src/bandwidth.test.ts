import type { Proxying } from '@kong-ts/pdk'
import { MountedMetrics } from '@kong-ts/pdk/testing'
import { expect, test } from 'vitest'
import { countBandwidth } from './bandwidth.ts'
import { summaryOf } from './summary.fixture.ts'

const dial = { route: { name: 'r' }, service: { name: 's' } }
const upstream = { received: 0, sent: 0 }

function counting() {
  const metrics = new MountedMetrics()
  const bandwidth = countBandwidth(metrics.open(new AbortController().signal))
  const whose = { service: 's', route: 'r', workspace: 'default' }
  const counted = () =>
    ['ingress', 'egress'].map((direction) =>
      metrics.value('kong_bandwidth_bytes', { ...whose, direction }),
    )
  return { metrics, bandwidth, counted }
}

test('the bytes of a session are counted while they flow, and each once', async () => {
  const { bandwidth, counted } = counting()
  const summary = await summaryOf(dial)
  const client = { received: 0, sent: 0 }
  const conn = { ...summary, moved: () => ({ client, upstream }) } as unknown as Proxying
  bandwidth.begin(conn)
  bandwidth.look()
  expect(counted()).toEqual([0, 0])
  Object.assign(client, { received: 10, sent: 3 })
  bandwidth.look()
  expect(counted()).toEqual([10, 3])
  bandwidth.look()
  expect(counted()).toEqual([10, 3])
  bandwidth.end({ ...summary, bytes: { client: { received: 15, sent: 3 }, upstream } })
  expect(counted()).toEqual([15, 3])
  bandwidth.look()
  expect(counted()).toEqual([15, 3])
})

test('a farewell is counted, what has no route is not', async () => {
  const { metrics, bandwidth, counted } = counting()
  const bytes = { client: { received: 0, sent: 7 }, upstream }
  bandwidth.end(await summaryOf(dial, { route: undefined, bytes }))
  expect(metrics.series('kong_bandwidth_bytes')).toEqual([])
  bandwidth.end(await summaryOf(dial, { bytes }))
  expect(counted()).toEqual([0, 7])
})
