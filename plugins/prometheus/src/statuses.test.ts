import { MountedMetrics } from '@kong-ts/pdk/testing'
import { expect, test } from 'vitest'
import { countStatuses } from './statuses.ts'
import { summaryOf } from './summary.fixture.ts'

const workspace = 'default'

test('what has no route has an ending, and as in Kong no status', async () => {
  const metrics = new MountedMetrics()
  const count = countStatuses(metrics.open(new AbortController().signal))
  const nowhere = { route: undefined, service: undefined, ending: 'gateway.route.none' }
  count(await summaryOf({}, { ...nowhere, status: 500 }))
  expect(metrics.series('kong_stream_sessions_total')).toEqual([])
  expect(metrics.series('kong_stream_endings_total')).toEqual([
    { ending: 'gateway.route.none', service: '', route: '', workspace },
  ])
})

test('each status, source and ending is counted apart', async () => {
  const metrics = new MountedMetrics()
  const count = countStatuses(metrics.open(new AbortController().signal))
  const dial = { route: { name: 'r' }, service: { name: 's' } }
  const well = await summaryOf(dial)
  count(well)
  count(well)
  count({ ...well, ending: 'upstream.closed' })
  count({ ...well, ending: 'plugin.x.rejected', status: 403, target: undefined })
  const labels = { service: 's', route: 'r', workspace }
  const sessions = (code: number, source: string) =>
    metrics.value('kong_stream_sessions_total', { ...labels, code, source })
  expect([sessions(200, 'service'), sessions(403, 'kong'), sessions(403, 'service')]).toEqual([
    3, 1, 0,
  ])
  const endings = metrics.series('kong_stream_endings_total').map(({ ending }) => ending)
  expect(endings).toEqual(['client.closed', 'upstream.closed', 'plugin.x.rejected'])
})
