import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ask } from './support/admin.ts'
import { startGateway, until, type Line, type RunningGateway } from './support/gateway.ts'
import { hold, serveEcho, talk } from './support/peers.ts'
import { writePlugin } from './support/plugins.ts'

const counts = [['1'], ['2']] as const

async function echoThrough(gateway: RunningGateway): Promise<void> {
  const echo = await serveEcho()
  await gateway.create('/services', { name: 'echo', url: `tcp://127.0.0.1:${echo.port}` })
  await gateway.create('/services/echo/routes', {
    protocols: ['tcp'],
    sources: [{ ip: '127.0.0.0/8' }],
  })
}

const count = (gateway: RunningGateway, text: string): number =>
  gateway.output().split(text).length - 1

test.each(counts)('/ is what clients of Kong read (%s workers)', async (worker_processes) => {
  const gateway = await startGateway({ settings: { worker_processes, log_level: 'warn' } })
  const { status, body } = await gateway.admin('GET', '/')
  expect(status).toBe(200)
  expect(body).toMatchObject({
    version: '3.10.0',
    edition: 'community',
    kong_ts: { version: expect.stringMatching(/^\d+\.\d+\.\d+$/) },
    node_id: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
    lua_version: expect.stringContaining('Node.js v'),
    timers: { running: expect.any(Number), pending: expect.any(Number) },
    pids: { master: gateway.pid, workers: { length: Number(worker_processes) } },
    configuration: {
      database: 'embedded',
      prefix: gateway.prefix,
      log_level: 'warn',
      role: 'traditional',
      router_flavor: 'traditional',
      admin_listen: ['127.0.0.1:0'],
      admin_listeners: [{ ip: '127.0.0.1', port: gateway.adminPort, ssl: false }],
      stream_listeners: [
        { ip: '127.0.0.1', port: gateway.port, ssl: false, udp: false, 'backlog=%d+': false },
      ],
      proxy_listeners: [],
    },
  })
  const available = Object.keys(body.plugins.available_on_server)
  expect(available).not.toEqual([])
  expect(Object.keys(body.configuration.loaded_plugins).toSorted()).toEqual(available.toSorted())
  const response = await fetch(`http://127.0.0.1:${gateway.adminPort}/default/kong`)
  expect(response.headers.get('server')).toBe(`kong-ts/${body.kong_ts.version}`)
  expect(await response.json()).toMatchObject({ node_id: body.node_id })
})

test.each(counts)('/status has the figures of %s workers', async (worker_processes) => {
  const gateway = await startGateway({ settings: { worker_processes } })
  await echoThrough(gateway)
  const { memory } = (await gateway.admin('GET', '/status')).body
  const pids = await gateway.workers()
  expect(memory.lua_shared_dicts).toEqual({})
  expect(memory.workers_lua_vms).toEqual(
    pids
      .toSorted((a, b) => a - b)
      .map((pid) => ({
        pid,
        http_allocated_gc: expect.stringMatching(/^\d+\.\d\d MiB$/),
      })),
  )
  const bytes = (await gateway.admin('GET', '/status?unit=b')).body.memory.workers_lua_vms
  for (const { http_allocated_gc: heap } of bytes) expect(heap).toBeGreaterThan(2 ** 20)

  await talk(gateway.port, 'one')
  const live = await hold(gateway.port)
  expect((await gateway.admin('GET', '/status')).body.transport).toMatch(/^(native|portable)/)
  const server = async (): Promise<Line> => (await gateway.admin('GET', '/status')).body.server
  await until(async () => (await server())['connections_accepted'] === 2)
  expect(await server()).toEqual({
    connections_accepted: 2,
    connections_active: 1,
    connections_handled: 2,
    connections_reading: 0,
    connections_waiting: 0,
    connections_writing: 1,
    total_requests: 2,
  })
  live.socket.end()
  await live.ended
  await until(async () => (await server())['connections_active'] === 0)
  const { body } = await gateway.admin('GET', '/timers')
  expect(body.worker.count).toBe(pids.length)
  expect(body.stats.sys.runs).toBeGreaterThan(0)
})

test('a store that is gone is not reachable, and traffic goes on', async () => {
  const gateway = await startGateway()
  await echoThrough(gateway)
  const reachable = async () => (await gateway.admin('GET', '/status')).body.database
  expect(await reachable()).toEqual({ reachable: true })
  rmSync(join(gateway.prefix, 'kong.db'))
  expect(await reachable()).toEqual({ reachable: false })
  await until(() => gateway.output().includes('the store cannot be reached'))
  expect(await talk(gateway.port, 'still')).toMatchObject({ received: 'still' })
})

/** Another configuration: the plugin is set up in every worker before the answer. */
async function configure(gateway: RunningGateway, id: string, word: string): Promise<void> {
  const { status } = await gateway.admin('PATCH', `/plugins/${id}`, { config: { word } })
  expect(status).toBe(200)
}

/** A gateway one plugin of which says something at `debug` whenever it is set up. */
async function startTalking(worker_processes: string): Promise<RunningGateway> {
  const gateway = await startGateway({ conf: { worker_processes, log_level: 'notice' } })
  await echoThrough(gateway)
  const path = writePlugin(gateway.prefix, 'talker', `log.debug({}, 'set up')`)
  gateway.configure({ worker_processes, log_level: 'notice', plugins: path })
  expect(await gateway.reload()).toMatchObject({ msg: 'reloaded' })
  return gateway
}

test.each(counts)(
  'the log level changes in the supervisor and in %s workers, and comes back',
  async (worker_processes) => {
    const gateway = await startTalking(worker_processes)
    const workers = Number(worker_processes)
    const setUp = () => count(gateway, '"set up"')
    const { id } = await gateway.create('/plugins', { name: 'talker' })
    await configure(gateway, id, 'a')
    expect(setUp()).toBe(0)

    const change = (path: string) => ask(gateway, `PUT /debug/${path}`)
    const changed = { status: 200, body: { message: 'log level changed' } }
    expect(await change('node/log-level/debug?timeout=0')).toEqual(changed)
    expect((await gateway.admin('GET', '/debug/node/log-level')).body.message).toBe(
      'log level: debug',
    )
    expect((await gateway.admin('GET', '/')).body.configuration.log_level).toBe('debug')
    await configure(gateway, id, 'b')
    await until(() => setUp() === workers)

    expect(await change('cluster/log-level/error')).toEqual(changed)
    await gateway.admin('POST', '/status/ready', { status: 'draining' })
    await configure(gateway, id, 'c')
    expect(await change('node/log-level/debug?timeout=0')).toEqual(changed)
    await gateway.admin('POST', '/status/ready', { status: 'ready' })
    await until(() => gateway.output().includes('no longer set to drain'))
    expect(gateway.output()).not.toContain('set to drain: not ready')
    expect(setUp()).toBe(workers)

    expect(await change('node/log-level/info?timeout=1')).toEqual(changed)
    await until(
      async () =>
        (await gateway.admin('GET', '/debug/node/log-level')).body.message === 'log level: notice',
    )
    await configure(gateway, id, 'd')
    expect(await change('node/log-level/debug')).toEqual(changed)
    await gateway.reload()
    expect((await gateway.admin('GET', '/debug/node/log-level')).body.message).toBe(
      'log level: notice',
    )
    await configure(gateway, id, 'e')
    // What was said before is read before the line of a reload is.
    await gateway.reload()
    expect(setUp()).toBe(workers)
  },
)

test('a worker that takes the place of another has the level that holds', async () => {
  const gateway = await startTalking('2')
  const { id } = await gateway.create('/plugins', { name: 'talker' })
  await ask(gateway, 'PUT /debug/node/log-level/debug?timeout=0')
  const [victim = 0] = await gateway.workers()
  process.kill(victim, 'SIGKILL')
  await until(async () => {
    const pids = await gateway.workers()
    return pids.length === 2 && !pids.includes(victim)
  })
  const { body } = await gateway.admin('GET', '/debug/node/log-level')
  expect(body.message).toBe('log level: debug')
  const before = count(gateway, '"set up"')
  await configure(gateway, id, 'a')
  await until(() => count(gateway, '"set up"') === before + 2)
})
