import { connect, type Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { noPostgres } from '../../core/src/store/postgres.fixture.ts'
import { startCluster, untilReachable } from './support/cluster.ts'
import { startGateway, until, type RunningGateway } from './support/gateway.ts'
import { hammer } from './support/hammer.ts'
import { hold, refusedOrServed, serveEcho } from './support/peers.ts'
import { routeTo } from './support/with-plugins.ts'

/** Windows so long that none ends while a test runs, or the test could not count. */
const limit = 100

/** Of each client; all of them together are more than the limit. */
const dials = 25

/** A gateway before an echo, with the plugin. */
async function guarded(
  config: object,
  settings: Readonly<Record<string, string>> = {},
): Promise<RunningGateway> {
  const gateway = await startGateway({ settings: { worker_processes: '2', ...settings } })
  await routeTo(gateway, (await serveEcho()).port)
  await gateway.create('/plugins', { name: 'rate-limiting', config })
  return gateway
}

test('two workers admit exactly the limit, by every algorithm', async () => {
  const gateway = await guarded({ year: limit })
  expect(await hammer([gateway.port], dials)).toBe(limit)
  for (const config of [
    { month: limit, year: limit, algorithm: 'sliding-window' },
    { year: 1, burst: limit, algorithm: 'token-bucket' },
  ]) {
    const { data } = (await gateway.admin('GET', '/plugins')).body
    await gateway.admin('DELETE', `/plugins/${data[0].id}`)
    await gateway.create('/plugins', { name: 'rate-limiting', config })
    expect(await hammer([gateway.port], dials)).toBe(limit)
    expect(await refusedOrServed(gateway.port)).toBeUndefined()
  }
})

test.skipIf(noPostgres)('two nodes of one database admit exactly the limit', async () => {
  const cluster = await startCluster()
  const [one, two] = [
    await cluster.start({ settings: { worker_processes: '2' } }),
    await cluster.start(),
  ]
  const echo = await serveEcho()
  await one.create('/services', { name: 'up', url: `tcp://127.0.0.1:${echo.port}` })
  const route = { protocols: ['tcp'], sources: [{ ip: '127.0.0.0/8' }] }
  await one.create('/services/up/routes', { name: 'all', ...route })
  for (const limits of [
    { year: limit },
    { month: limit, year: limit, algorithm: 'sliding-window' },
    { year: 1, burst: limit, algorithm: 'token-bucket' },
  ]) {
    const config = { ...limits, policy: 'cluster', fault_tolerant: false }
    const { id } = await one.create('/plugins', { name: 'rate-limiting', config })
    await until(async () => (await two.admin('GET', `/plugins/${id}`)).status === 200)
    expect(await hammer([one.port, two.port], dials)).toBe(limit)
    await one.admin('DELETE', `/plugins/${id}`)
    await until(async () => (await two.admin('GET', `/plugins/${id}`)).status === 404)
  }
})

test.skipIf(noPostgres)('while the database is away each node counts, or refuses', async () => {
  const cluster = await startCluster()
  const gateway = await cluster.start({ settings: { access_log: '/dev/stdout' } })
  const echo = await serveEcho()
  await gateway.create('/services', { name: 'up', url: `tcp://127.0.0.1:${echo.port}` })
  const route = { protocols: ['tcp'], sources: [{ ip: '127.0.0.0/8' }] }
  await gateway.create('/services/up/routes', { name: 'all', ...route })
  const config = { year: 2, policy: 'cluster', redis: { timeout: 2000 } }
  const { id } = await gateway.create('/plugins', { name: 'rate-limiting', config })
  expect(await refusedOrServed(gateway.port)).toBeDefined()
  await cluster.server.stop('immediate')
  const tolerant = [1, 2, 3].map(() => refusedOrServed(gateway.port))
  expect((await Promise.all(tolerant)).filter((each) => each !== undefined)).toHaveLength(2)
  await cluster.server.start()
  await untilReachable(gateway, true)
  const strict = { config: { fault_tolerant: false } }
  expect((await gateway.admin('PATCH', `/plugins/${id}`, strict)).status).toBe(200)
  await cluster.server.stop('immediate')
  expect(await refusedOrServed(gateway.port)).toBeUndefined()
  await until(() => /the rate limit cannot be told/.test(gateway.output()))
})

test('who waits is let in as permits come back, and is counted once', async () => {
  const config = { second: 5, burst: 1, algorithm: 'token-bucket' }
  const queue = { size: 8, timeout: 50_000 }
  const gateway = await guarded({ ...config, queue }, { plugin_timeout: '60s' })
  const served = await Promise.all(Array.from({ length: 8 }, () => refusedOrServed(gateway.port)))
  expect(served.filter((each) => each === undefined)).toEqual([])
})

test('a queue is bounded over the workers, and a client that leaves it gives its place back', async () => {
  const config = { year: 1, limit_by: 'service', queue: { size: 2, timeout: 50_000 } }
  const gateway = await guarded(config, { plugin_timeout: '60s' })
  await hold(gateway.port)
  const waiting = await dialUntilOneIsClosed(gateway.port, 3)
  expect(waiting).toHaveLength(2)
  waiting[0]?.destroy()
  await until(() => gateway.endings().some(({ ending }) => ending === 'client.queue.closed'))
  expect(await dialUntilOneIsClosed(gateway.port, 2)).toHaveLength(1)
  expect(waiting[1]?.closed).toBe(false)
  waiting[1]?.resetAndDestroy()
  await until(() => gateway.endings().some(({ ending }) => ending === 'client.reset'))
  const refusals = gateway.endings().filter(({ reason }) => reason !== undefined)
  expect(refusals.map(({ reason }) => reason)).toContain(
    'rate limit exceeded, and the queue is full',
  )
})

test('who has waited in vain is refused, and the log says so', async () => {
  const config = { year: 1, error_message: 'enough', queue: { size: 2, timeout: 30 } }
  const gateway = await guarded(config)
  await hold(gateway.port)
  expect(await refusedOrServed(gateway.port)).toBeUndefined()
  await until(() => gateway.endings().length === 1)
  expect(gateway.endings()).toMatchObject([
    { ending: 'plugin.rate-limiting.rejected', reason: 'enough for 30 ms' },
  ])
})

/** Clients that say nothing; answers with those that are not closed when one of them is. */
async function dialUntilOneIsClosed(port: number, count: number): Promise<Socket[]> {
  const sockets = Array.from({ length: count }, () =>
    connect(port, '127.0.0.1')
      .on('error', () => undefined)
      .resume(),
  )
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
  })
  await until(() => sockets.some(({ closed }) => closed))
  return sockets.filter(({ closed }) => !closed)
}
