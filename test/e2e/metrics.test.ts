import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { noPostgres } from '../../core/src/store/postgres.fixture.ts'
import { startCluster, untilReachable } from './support/cluster.ts'
import { fetchText, parseMetrics, scrape, valueOf } from './support/exposition.ts'
import { startGateway, until, type RunningGateway } from './support/gateway.ts'
import { hold, serveEcho, talk, talkTls } from './support/peers.ts'
import { routeTo, startWithPlugins } from './support/with-plugins.ts'

const everything = {
  status_code_metrics: true,
  latency_metrics: true,
  bandwidth_metrics: true,
  upstream_health_metrics: true,
}
const well = { service: 'up', route: 'plain', code: '200', source: 'service', workspace: 'default' }

async function sessions(gateway: RunningGateway): Promise<number> {
  return valueOf(await scrape(gateway.adminPort), 'kong_stream_sessions_total', well)
}

async function talkTimes(gateway: RunningGateway, count: number): Promise<void> {
  for (let time = 0; time < count; time++) {
    expect((await talk(gateway.port, 'hello')).received).toBe('hello')
  }
}

/** A gateway has ended a session when its log has it. */
async function ended(gateway: RunningGateway, count: number): Promise<void> {
  await until(
    () => gateway.endings().length >= count,
    () => `${count} endings expected:\n${gateway.output()}`,
  )
}

test('workers count together; neither a kill nor a reload loses what was told, nor goes backwards', async () => {
  const gateway = await startGateway({ settings: { worker_processes: '2' } })
  await routeTo(gateway, (await serveEcho()).port)
  const { id } = await gateway.create('/plugins', { name: 'prometheus', config: everything })
  await talkTimes(gateway, 8)
  await ended(gateway, 8)
  expect(await sessions(gateway)).toBe(8)

  const [first = 0] = await gateway.workers()
  process.kill(first, 'SIGKILL')
  await until(async () => !(await gateway.workers()).includes(first))
  expect(await sessions(gateway)).toBe(8)
  await until(async () => (await gateway.workers()).length === 2)
  await talkTimes(gateway, 4)
  await ended(gateway, 12)
  expect(await sessions(gateway)).toBe(12)

  expect(await gateway.reload()).toMatchObject({ msg: 'reloaded' })
  expect(await sessions(gateway)).toBe(12)
  await talkTimes(gateway, 2)
  await ended(gateway, 14)
  const families = await scrape(gateway.adminPort)
  expect(valueOf(families, 'kong_stream_sessions_total', well)).toBe(14)
  expect(valueOf(families, 'kong_session_duration_ms_count')).toBe(14)
  const bytes = { service: 'up', route: 'plain', direction: 'ingress', workspace: 'default' }
  expect(valueOf(families, 'kong_bandwidth_bytes', bytes)).toBe(14 * 5)
  expect(valueOf(families, 'kong_bandwidth_bytes', { ...bytes, direction: 'egress' })).toBe(14 * 5)
  const phase = { plugin: 'prometheus', id, phase: 'log' }
  expect(valueOf(families, 'kong_plugin_phase_duration_ms_count', phase)).toBe(14)
  const { body: stats } = await gateway.admin('GET', `/plugins/${id}/stats`)
  expect(stats.phases.log.calls).toBe(14)
})

test('every name that the dashboard asks for is there', async () => {
  const gateway = await startGateway({
    settings: { status_listen: '127.0.0.1:0', stream_listen: '127.0.0.1:0, 127.0.0.1:0 ssl' },
  })
  await gateway.create('/upstreams', { name: 'pool' })
  const echo = await serveEcho()
  await gateway.create('/upstreams/pool/targets', { target: `127.0.0.1:${echo.port}` })
  await gateway.create('/services', { name: 'up', protocol: 'tcp', host: 'pool', port: 1 })
  await gateway.create('/services/up/routes', { protocols: ['tls'], snis: ['db.example'] })
  await gateway.create('/plugins', { name: 'prometheus', config: everything })
  const secured = { servername: 'db.example' }
  expect((await talkTls(gateway.port, 'hello', secured)).received).toBe('hello')
  await ended(gateway, 1)

  const status = Number(/status\s+http:\/\/127\.0\.0\.1:(\d+)/.exec(gateway.output())?.[1])
  const [own, other] = [await scrape(gateway.adminPort), await scrape(status)]
  expect([...other.keys()]).toEqual([...own.keys()])
  const path = new URL('../../plugins/prometheus/grafana/kong-ts.json', import.meta.url)
  const asked = new Set(readFileSync(path, 'utf8').match(/\bkong_[a-z0-9_]+/g) ?? [])
  const shown = new Set(
    [...own].flatMap(([name, { samples }]) => [name, ...samples.map((sample) => sample.name)]),
  )
  expect(asked.size).toBeGreaterThan(20)
  expect([...asked].filter((name) => !shown.has(name))).toEqual([])
  const target = { upstream: 'pool', address: `127.0.0.1:${echo.port}`, subsystem: 'stream' }
  const health = { ...target, state: 'healthchecks_off' }
  expect(valueOf(own, 'kong_upstream_target_health', health)).toBe(1)
  expect(valueOf(own, 'kong_tls_handshake_ms_sum')).toBeGreaterThan(0)
  expect(valueOf(own, 'kong_upstream_connect_ms_count')).toBe(1)
})

test('the gateway has figures without a plugin, and what a plugin counts goes with it', async () => {
  const gateway = await startGateway()
  const without = await scrape(gateway.adminPort)
  expect(without.has('kong_nginx_connections_total')).toBe(true)
  expect(without.has('kong_stream_sessions_total')).toBe(false)
  const config = { status_code_metrics: true }
  const { id } = await gateway.create('/plugins', { name: 'prometheus', config })
  const counted = await scrape(gateway.adminPort)
  expect(counted.has('kong_stream_sessions_total')).toBe(true)
  expect(counted.has('kong_bandwidth_bytes')).toBe(false)
  expect(counted.has('kong_upstream_target_health')).toBe(false)
  await gateway.admin('PATCH', `/plugins/${id}`, { config: { upstream_health_metrics: true } })
  expect((await scrape(gateway.adminPort)).has('kong_upstream_target_health')).toBe(true)
  await gateway.admin('DELETE', `/plugins/${id}`)
  expect([...(await scrape(gateway.adminPort)).keys()]).toEqual([...without.keys()])
  const { status, body } = await gateway.admin('GET', `/plugins/${id}/stats`)
  expect([status, body]).toEqual([404, { message: 'Not found' }])
})

test('the bytes of a session are counted before it ends', async () => {
  const gateway = await startGateway()
  await routeTo(gateway, (await serveEcho()).port)
  const config = { bandwidth_metrics: true }
  await gateway.create('/plugins', { name: 'prometheus', config })
  const live = await hold(gateway.port)
  expect(await live.ask('hello')).toBe('hello')
  const bytes = async () =>
    valueOf(await scrape(gateway.adminPort), 'kong_bandwidth_bytes', { direction: 'egress' })
  const before = live.socket.bytesRead
  await until(async () => (await bytes()) === before)
  expect(live.socket.destroyed).toBe(false)
})

test('who accepts OpenMetrics gets it', async () => {
  const gateway = await startGateway()
  await gateway.create('/plugins', { name: 'prometheus', config: everything })
  const prometheus =
    'application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3'
  const open = await fetchText(gateway.adminPort, '/metrics', prometheus)
  expect(open.type).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8')
  expect(open.text.endsWith('\n# EOF\n')).toBe(true)
  expect(open.text).not.toContain('\n\n')
  expect(open.text).toContain('# TYPE kong_stream_sessions counter\n')
  expect(open.text).toContain('# TYPE kong_bandwidth_bytes unknown\n')
  const plain = await fetchText(gateway.adminPort, '/metrics')
  expect(plain.type).toBe('text/plain; version=0.0.4; charset=utf-8')
  expect(parseMetrics(plain.text).get('kong_bandwidth_bytes')?.type).toBe('counter')
})

const clash = `setup: ({ metrics }) => metrics.gauge({ name: 'kong_stream_sessions_total', help: 'h' }), phases: {},`
const taken = `setup: ({ metrics }) => metrics.gauge({ name: 'kong_node_info', help: 'h' }), phases: {},`
const many = `
setup: ({ metrics }) => metrics.counter({ name: 'many_total', help: 'h', labels: ['key'] }),
phases: { log(_summary, { state }) { for (let key = 0; key < 10_050; key++) state.inc({ key }) } },`

test('a metric of a plugin that cannot be is refused, one that grows too far is bounded', async () => {
  const gateway = await startWithPlugins({ clash, taken, many })
  await routeTo(gateway, (await serveEcho()).port)
  await gateway.create('/plugins', { name: 'prometheus', config: everything })
  const refused = await gateway.admin('POST', '/plugins', { name: 'clash' })
  expect(refused.status).toBe(400)
  expect(JSON.stringify(refused.body)).toContain(
    "metric 'kong_stream_sessions_total': it is declared already as a counter",
  )
  const own = await gateway.admin('POST', '/plugins', { name: 'taken' })
  expect(JSON.stringify(own.body)).toContain("the gateway itself has a metric 'kong_node_info'")
  await gateway.create('/routes/plain/plugins', { name: 'many' })
  await talkTimes(gateway, 1)
  await ended(gateway, 1)
  const families = await scrape(gateway.adminPort)
  expect(families.get('many_total')?.samples).toHaveLength(10_000)
  expect(valueOf(families, 'kong_metrics_dropped_total', { metric: 'many_total' })).toBe(50)
  expect(gateway.output()).toContain('a metric has too many series: further ones are not counted')
})

const broken = `phases: { preread() { throw new Error('out of order') } },`
const slow = `phases: { preread() { for (const begun = Date.now(); Date.now() - begun < 150;); } },`

test('what a plugin does and costs is told of it', async () => {
  const gateway = await startWithPlugins({ broken, slow }, { settings: { worker_processes: '2' } })
  await routeTo(gateway, (await serveEcho()).port)
  const shadow = { name: 'rate-limiting', config: { day: 1 }, mode: 'shadow' }
  const [limit, bad, lazy] = [
    await gateway.create('/routes/plain/plugins', shadow),
    await gateway.create('/routes/plain/plugins', { name: 'broken', on_error: 'open' }),
    await gateway.create('/routes/plain/plugins', { name: 'slow', instance_name: 'lazy' }),
  ]
  const stats = async ({ id }: { id: string }) =>
    (await gateway.admin('GET', `/plugins/${id}/stats`)).body
  expect(await stats(bad)).toMatchObject({ id: bad.id, name: 'broken', phases: {}, failed: 0 })
  await talkTimes(gateway, 3)
  expect(await stats(limit)).toMatchObject({ rejected: 0, would_reject: 2 })
  expect(await stats(bad)).toMatchObject({ failed: 3, phases: { preread: { calls: 3 } } })
  const { phases, stalls, longest_stall_ms } = await stats({ id: 'lazy' })
  expect([stalls, phases.preread.calls]).toEqual([3, 3])
  expect(longest_stall_ms).toBeGreaterThanOrEqual(149)
  expect(phases.preread.total_ms).toBeGreaterThanOrEqual(3 * 149)
  expect(phases.preread.buckets).toContainEqual({ le: '100', count: 0 })
  expect(phases.preread.buckets.at(-1)).toEqual({ le: '+Inf', count: 3 })
  const families = await scrape(gateway.adminPort)
  const of = ({ id, name }: { id: string; name: string }) => ({ id, plugin: name })
  expect(valueOf(families, 'kong_plugin_stalls_total', of(lazy))).toBe(3)
  expect(valueOf(families, 'kong_plugin_would_reject_total', of(limit))).toBe(2)

  await gateway.admin('PATCH', `/plugins/${bad.id}`, { on_error: 'disable' })
  for (let time = 0; time < 6; time++) await talkTimes(gateway, 1)
  expect(await stats(bad)).toMatchObject({ disabled: true })
  await gateway.admin('PATCH', `/plugins/${bad.id}`, { on_error: 'open' })
  expect(await stats(bad)).toMatchObject({ disabled: false })
})

test('what plugins do to bytes is counted: transforms and observers that fail, ends without effect', async () => {
  const transform = `new Transform({ transform: (_chunk, _encoding, done) => done(new Error('no')) })`
  const both = `conn.through('upload', ${transform}); conn.through('download', ${transform})`
  const gateway = await startWithPlugins({
    through: `phases: { proxy: (conn) => { ${both} } },`,
    shadow: `phases: { proxy: (conn) => { ${both} } },`,
    observes: `phases: { proxy: (conn) => conn.observe('upload', () => { throw new Error('no') }) },`,
    draws: `setup: ({ buckets }) => { const pot = buckets.allowance(10, () => pot.end('spent')); return { pot } },
      phases: { proxy: (conn, { state }) => { conn.draw('upload', state.pot); conn.draw('download', state.pot) } },`,
  })
  await routeTo(gateway, (await serveEcho()).port)
  const stats = async (id: string) => (await gateway.admin('GET', `/plugins/${id}/stats`)).body
  const rows = [
    [{ name: 'shadow', mode: 'shadow' }, { would_reject: 3, failed: 0 }, 'hi'],
    [{ name: 'draws', mode: 'shadow' }, { would_reject: 3, failed: 0 }, 'hi'],
    [{ name: 'observes', on_error: 'open' }, { would_reject: 0, failed: 3 }, 'hi'],
    [{ name: 'observes' }, { would_reject: 0, failed: 3 }, ''],
    [{ name: 'through' }, { would_reject: 0, failed: 3 }, ''],
  ] as const
  for (const [row, counted, received] of rows) {
    const { id } = await gateway.create('/routes/plain/plugins', row)
    for (let time = 0; time < 3; time++) {
      expect((await talk(gateway.port, 'hi')).received).toBe(received)
    }
    await until(async () => {
      const { failed, would_reject } = await stats(id)
      return failed + would_reject >= 3
    })
    expect({ row, ...(await stats(id)) }).toMatchObject({ row, ...counted })
    const families = await scrape(gateway.adminPort)
    for (const [metric, value] of Object.entries(counted)) {
      const labels = { id, plugin: row.name }
      expect(valueOf(families, `kong_plugin_${metric}_total`, labels)).toBe(value)
    }
    expect((await gateway.admin('DELETE', `/plugins/${id}`)).status).toBe(204)
  }
})

test('without a database it is no different', async () => {
  const gateway = await startGateway({ settings: { database: 'off' } })
  const echo = await serveEcho()
  const plain = { name: 'plain', protocols: ['tcp'], destinations: [{ port: gateway.port }] }
  const config = {
    _format_version: '3.0',
    services: [{ name: 'up', url: `tcp://127.0.0.1:${echo.port}`, routes: [plain] }],
    plugins: [{ name: 'prometheus', config: everything }],
  }
  expect((await gateway.admin('POST', '/config', { config: JSON.stringify(config) })).status).toBe(
    201,
  )
  await talkTimes(gateway, 2)
  await ended(gateway, 2)
  expect(await sessions(gateway)).toBe(2)
  const { body } = await gateway.admin('GET', '/plugins')
  const stats = await gateway.admin('GET', `/plugins/${body.data[0].id}/stats`)
  expect(stats.body.phases.log.calls).toBe(2)
  expect(valueOf(await scrape(gateway.adminPort), 'kong_datastore_reachable')).toBe(1)
})

describe.skipIf(noPostgres)('with PostgreSQL', () => {
  test('nodes count each for itself, also while the database is away', async () => {
    const cluster = await startCluster()
    const settings = { access_log: '/dev/stdout' }
    const [a, b] = [await cluster.start({ settings }), await cluster.start()]
    await routeTo(a, (await serveEcho()).port)
    await a.create('/plugins', { name: 'prometheus', config: everything })
    await talkTimes(a, 2)
    await ended(a, 2)
    expect([await sessions(a), await sessions(b)]).toEqual([2, 0])
    await cluster.server.stop('fast')
    await untilReachable(a, false)
    const families = await scrape(a.adminPort)
    expect(valueOf(families, 'kong_datastore_reachable')).toBe(0)
    expect(valueOf(families, 'kong_stream_sessions_total', well)).toBe(2)
  })
})
