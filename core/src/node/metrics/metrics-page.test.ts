import { defineMetric } from '@kong-ts/pdk/host'
import { expect, test } from 'vitest'
import { EntitySet } from '../../entities/entity-set.ts'
import { pluginRow } from '../../gateway/rows.fixture.ts'
import { logOf } from '../node.fixture.ts'
import { Figures } from './figures.ts'
import { MetricsPage } from './metrics-page.ts'
import { ownMetrics } from './own-metrics.ts'

function pageOf(reachable = true) {
  const entities = EntitySet.empty()
  const figures = new Figures(logOf().log)
  const worker = { report: () => Promise.resolve() }
  figures.join(worker)
  const node = {
    id: 'n',
    traffic: { accepted: 7, active: 2 },
    heaps: [
      { pid: 1, heap: 100, resident: 300 },
      { pid: 2, heap: 200, resident: 400 },
    ],
    database: { reachable },
    behind: undefined,
    entities,
    figures,
  }
  const health = { ofTargets: async () => [] }
  const probe = { reachable: async () => reachable }
  const page = new MetricsPage({ node, probe, health, version: '1.2.3' })
  return { page, entities, figures, worker }
}

const names = (text: string) => [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name)

test('the gateway has figures without any plugin', async () => {
  const { page, figures, worker } = pageOf()
  const { type, text } = await page.word(false)
  expect(type).toMatch(/^text\/plain; version=0\.0\.4/)
  for (const line of [
    'kong_node_info{node_id="n",version="1.2.3"} 1',
    'kong_nginx_connections_total{node_id="n",subsystem="stream",state="accepted"} 7',
    'kong_nginx_connections_total{node_id="n",subsystem="stream",state="active"} 2',
    'kong_nginx_requests_total{node_id="n",subsystem="stream"} 7',
    'kong_datastore_reachable 1',
    'kong_configuration_revision{node_id="n"} 0',
    'kong_configuration_behind{node_id="n"} 0',
    'kong_memory_workers_lua_vms_bytes{node_id="n",pid="2",kong_subsystem="stream"} 200',
    'kong_memory_resident_bytes{node_id="n",pid="2"} 400',
  ]) {
    expect(text.split('\n')).toContain(line)
  }
  expect(names(text)).not.toContain('kong_upstream_target_health')
  figures.receive(worker, { type: 'metrics.shown', group: 'upstream_health', isShown: true })
  const all = names((await page.word(false)).text)
  expect(new Set(all)).toEqual(new Set(Object.keys(ownMetrics)))
})

test('a store that is away is said to be', async () => {
  expect((await pageOf(false).page.word(false)).text).toContain('\nkong_datastore_reachable 0\n')
})

test('what plugins count and cost is there, as long as their rows are', async () => {
  const { page, figures, worker, entities } = pageOf()
  entities.apply([{ op: 'put', entity: 'plugins', row: pluginRow('i', 'p') }])
  const definition = defineMetric('counter', { name: 'mine_total', help: 'h' })
  figures.receive(worker, { type: 'metrics.declared', definition })
  const families = [{ name: 'mine_total', series: [{ values: [], value: 2 }], dropped: 3 }]
  figures.receive(worker, { type: 'metrics.counted', families })
  const log = { calls: 1, time: 1, buckets: [0, 0, 1, 0, 0, 0, 0, 0] }
  const quiet = { rejected: 0, wouldReject: 0, failed: 0, stalls: 0, longestStall: 0 }
  const reports = ['i', 'gone'].map((id) => {
    return { id, plugin: 'p', isDisabled: false, news: { ...quiet, phases: { log } } }
  })
  figures.receive(worker, { type: 'plugins.behaved', reports })
  const { text } = await page.word(true)
  expect(text).toContain('\nmine_total 2\n')
  expect(text).toContain('\nkong_metrics_dropped_total{metric="mine_total"} 3\n')
  expect(text).toContain('\nkong_plugin_phase_duration_ms_count{plugin="p",id="i",phase="log"} 1\n')
  expect(text).not.toContain('id="gone"')
  expect(await page.costOf('i', 'p')).toMatchObject({ phases: { log: { calls: 1 } } })
})
