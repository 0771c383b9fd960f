import { expect, test } from 'vitest'
import { ask, noPostgres } from '../../core/src/store/postgres.fixture.ts'
import { routeAll, startCluster } from './support/cluster.ts'
import { startGateway, until, type RunningGateway } from './support/gateway.ts'
import { hammer } from './support/hammer.ts'
import { refusedOrServed, serveEcho } from './support/peers.ts'
import { startRedis, type RunningRedis } from './support/redis.ts'
import { routeTo } from './support/with-plugins.ts'

/** Windows so long that none ends while a test runs, or the test could not count. */
const limit = 100

/** Of each client; all of them together are more than the limit. */
const dials = 25

/** Seconds; in the tests that are about the end, nothing is exchanged before. */
const [soon, never] = [0.05, 3600]

const algorithms = [
  { year: limit, algorithm: 'fixed-window' },
  { month: limit, year: limit, algorithm: 'sliding-window' },
  { year: 1, burst: limit, algorithm: 'token-bucket' },
]

interface Guarded extends RunningGateway {
  /** Of the plugin. */
  readonly id: string
}

async function guarded(redis: RunningRedis, config: object): Promise<Guarded> {
  const gateway = await startGateway({ settings: { worker_processes: '2' } })
  await routeTo(gateway, (await serveEcho()).port)
  const at = { policy: 'redis', redis: { host: '127.0.0.1', port: redis.port, timeout: 9000 } }
  const plugin = { name: 'rate-limiting', config: { ...at, namespace: 'all', ...config } }
  return { ...gateway, id: (await gateway.create('/plugins', plugin)).id }
}

/** How many of so many connections, one after the other, were let in. */
async function dial(gateway: RunningGateway, times: number): Promise<number> {
  let served = 0
  for (let i = 0; i < times; i++) {
    const held = await refusedOrServed(gateway.port)
    held?.socket.destroy()
    if (held) served += 1
  }
  return served
}

/** What Redis has heard of, over all keys; of buckets nothing. */
async function counted(redis: RunningRedis): Promise<number> {
  const sum = `local sum = 0 for _, key in ipairs(redis.call('KEYS', '*')) do
    if redis.call('TYPE', key).ok == 'string' then sum = sum + redis.call('GET', key)
    else for _, count in ipairs(redis.call('HVALS', key)) do sum = sum + count end end
  end return sum`
  const answer = await redis.ask(`EVAL "${sum.replaceAll('\n', ' ')}" 0`)
  return Number(/:(\d+)/.exec(answer)?.[1])
}

test.each(algorithms)(
  'two workers of one node admit exactly the limit: $algorithm',
  async (config) => {
    const gateway = await guarded(await startRedis(), { ...config, sync_rate: soon })
    expect(await hammer([gateway.port], dials)).toBe(limit)
  },
)

test.each(algorithms)(
  'what one gateway has told, another one counts: $algorithm',
  async (config) => {
    const redis = await startRedis()
    const gateways = [
      await guarded(redis, { ...config, sync_rate: soon }),
      await guarded(redis, { ...config, sync_rate: soon }),
    ] as const
    expect(await dial(gateways[0], 40)).toBe(40)
    await gateways[0].admin('DELETE', `/plugins/${gateways[0].id}`)
    // Two workers of the other one, and who asks: what was left is told before the connection ends.
    await until(async () => /connected_clients:3\b/.test(await redis.ask('INFO clients')))
    expect(await hammer([gateways[1].port], dials)).toBe(limit - 40)
  },
)

test('a Redis that was away hears afterwards of what was admitted meanwhile', async () => {
  const redis = await startRedis()
  const gateway = await guarded(redis, { year: 20, sync_rate: soon })
  expect(await dial(gateway, 3)).toBe(3)
  await until(async () => (await counted(redis)) === 3)
  await redis.kill()
  expect(await dial(gateway, 4)).toBe(4)
  await until(() => gateway.output().includes('Redis is away'))
  expect(await dial(gateway, 5)).toBe(5)
  await redis.restart()
  // It has forgotten the first three, which had been told.
  await until(async () => (await counted(redis)) === 9)
  await until(() => gateway.output().includes('Redis is back'))
  expect(await dial(gateway, 20)).toBe(8)
})

test('who is not fault tolerant is closed while Redis is away', async () => {
  const redis = await startRedis()
  const gateway = await guarded(redis, { year: 50, sync_rate: soon, fault_tolerant: false })
  expect(await dial(gateway, 2)).toBe(2)
  await redis.kill()
  await until(async () => (await dial(gateway, 1)) === 0)
  await until(() => gateway.output().includes('Redis is away'))
  await redis.restart()
  await until(async () => (await dial(gateway, 1)) === 1)
})

test('a change of the configuration and the end of the gateway tell what is left', async () => {
  const redis = await startRedis()
  const gateway = await guarded(redis, { year: 50, sync_rate: never })
  expect(await dial(gateway, 7)).toBe(7)
  expect(await counted(redis)).toBe(0)
  const change = { config: { year: 12 } }
  expect((await gateway.admin('PATCH', `/plugins/${gateway.id}`, change)).status).toBe(200)
  await until(async () => (await counted(redis)) === 7)
  expect(await dial(gateway, 9)).toBe(5)
  gateway.signal('SIGTERM')
  await gateway.exited
  expect(await counted(redis)).toBe(12)
})

test.skipIf(noPostgres).each(algorithms)(
  'nodes of one database count what the others have told: $algorithm',
  async (limits) => {
    const cluster = await startCluster()
    const settings = { worker_processes: '2' }
    const [one, two] = [await cluster.start({ settings }), await cluster.start({ settings })]
    await routeAll(one, (await serveEcho()).port)
    const config = { ...limits, policy: 'cluster', sync_rate: soon, redis: { timeout: 9000 } }
    const { id } = await one.create('/plugins', { name: 'rate-limiting', config })
    await until(async () => (await two.admin('GET', `/plugins/${id}`)).status === 200)
    expect(await dial(one, 40)).toBe(40)
    await untilHeard(cluster.server.port, cluster.database, limits.algorithm, 40)
    expect(await hammer([two.port], dials)).toBe(limit - 40)
  },
)

/** Until the database has heard of so many. */
function untilHeard(
  port: number,
  database: string,
  algorithm: string,
  connections: number,
): Promise<void> {
  const isSliding = algorithm === 'sliding-window'
  const table = isSliding ? 'passing_numbers' : 'shared_numbers'
  const sql = `select ${isSliding ? 'parts' : 'value::text'} as found from ${table} order by key desc`
  return until(async () => {
    const [row] = await ask(port, database, sql)
    const found = typeof row?.['found'] === 'string' ? row['found'] : ''
    if (isSliding) {
      const amounts = found.split(' ').filter((_, i) => i % 2 === 1)
      return amounts.reduce((sum, amount) => sum + Number(amount), 0) === connections
    }
    // A bucket is the moment when it is full: each takes a year.
    const year = 365 * 86_400_000
    return algorithm === 'fixed-window'
      ? found === String(connections)
      : Number(found) - Date.now() > (connections - 1) * year
  })
}
