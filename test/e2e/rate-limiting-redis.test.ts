import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createSelfSigned } from '../../core/src/certificates/self-signed.ts'
import { startGateway, temporaryFolder, until, type RunningGateway } from './support/gateway.ts'
import { hammer } from './support/hammer.ts'
import { refusedOrServed, serve, serveEcho } from './support/peers.ts'
import { startRedis, type RunningRedis } from './support/redis.ts'
import { routeTo } from './support/with-plugins.ts'

/** Windows so long that none ends while a test runs, or the test could not count. */
const limit = 100

/** Of each client; all of them together are more than the limit. */
const dials = 25

interface Guarded extends RunningGateway {
  /** Of the plugin. */
  readonly id: string
}

async function guarded(
  config: object,
  settings: Readonly<Record<string, string>> = {},
): Promise<Guarded> {
  const gateway = await startGateway({ settings })
  await routeTo(gateway, (await serveEcho()).port)
  const plugin = { name: 'rate-limiting', config: { policy: 'redis', ...config } }
  return { ...gateway, id: (await gateway.create('/plugins', plugin)).id }
}

/** Longer than a busy machine may take, unless a test is about the time; within the default of plugin_timeout. */
const patience = { timeout: 9000 }

const at = (port: number, more: object = {}): object => ({
  redis: { host: '127.0.0.1', port, ...patience, ...more },
})

async function isServed(gateway: RunningGateway): Promise<boolean> {
  const held = await refusedOrServed(gateway.port)
  held?.socket.destroy()
  return held !== undefined
}

/** Connections that Redis has, without the one that asks. */
async function clients(redis: RunningRedis): Promise<number> {
  return Number(/connected_clients:(\d+)/.exec(await redis.ask('INFO clients'))?.[1]) - 1
}

test('two gateways with two workers each admit exactly the limit, by every algorithm', async () => {
  const redis = await startRedis()
  const settings = { worker_processes: '2' }
  const gateways = [
    await guarded({ ...at(redis.port), year: limit, namespace: 'first' }, settings),
    await guarded({ ...at(redis.port), year: limit, namespace: 'first' }, settings),
  ]
  const ports = gateways.map(({ port }) => port)
  expect(await hammer(ports, dials)).toBe(limit)
  for (const config of [
    { month: limit, year: limit, algorithm: 'sliding-window', namespace: 'second' },
    { month: null, year: 1, burst: limit, algorithm: 'token-bucket', namespace: 'third' },
  ]) {
    for (const gateway of gateways) {
      expect((await gateway.admin('PATCH', `/plugins/${gateway.id}`, { config })).status).toBe(200)
    }
    expect(await hammer(ports, dials)).toBe(limit)
  }
})

test('a Redis that is killed is replaced by counts of the node, and used again when it is back', async () => {
  const redis = await startRedis()
  const gateway = await guarded({ ...at(redis.port), year: 2 })
  expect(await isServed(gateway)).toBe(true)
  await redis.kill()
  await until(() => gateway.output().includes('Redis is away'))
  const served = [await isServed(gateway), await isServed(gateway), await isServed(gateway)]
  expect(served).toEqual([true, true, false])
  await redis.restart()
  await until(async () => {
    await isServed(gateway)
    return gateway.output().includes('Redis is back')
  })
  expect(await redis.ask('DBSIZE')).toContain(':1')
})

test('who is not fault tolerant is closed while Redis is away', async () => {
  const redis = await startRedis()
  const gateway = await guarded({ ...at(redis.port), year: 50, fault_tolerant: false })
  expect(await isServed(gateway)).toBe(true)
  await redis.kill()
  await until(() => gateway.output().includes('Redis is away'))
  expect(await isServed(gateway)).toBe(false)
  await until(() => gateway.endings().length === 2)
  // The lines of two workers have no order.
  expect(gateway.endings()).toContainEqual(
    expect.objectContaining({
      ending: 'plugin.rate-limiting.rejected',
      reason: expect.stringMatching(/^the rate limit cannot be told: /),
    }),
  )
  await redis.restart()
  await until(() => isServed(gateway))
})

test('a Redis that stops answering is not waited for more than once', async () => {
  const redis = await startRedis()
  const gateway = await guarded({ ...at(redis.port, { timeout: 300 }), year: 50 })
  expect(await isServed(gateway)).toBe(true)
  redis.signal('SIGSTOP')
  expect(await isServed(gateway)).toBe(true)
  await until(() => gateway.output().includes('no answer within 300 ms'))
  expect(await isServed(gateway)).toBe(true)
  redis.signal('SIGCONT')
  await until(async () => {
    await isServed(gateway)
    return gateway.output().includes('Redis is back')
  })
})

test.each([
  ['accepts and never answers', '', 'no answer within 100 ms'],
  ['answers garbage', 'HTTP/1.1 400 Bad Request\r\n\r\n', 'Redis is away: '],
  ['answers what nobody asked', '+OK\r\n'.repeat(20), 'Redis is away: '],
])('a server that %s', async (_what, answer, line) => {
  const liar = await serve((socket) => socket.on('data', () => void socket.write(answer)))
  const redis = at(liar.port, { timeout: 100 })
  const open = await guarded({ ...redis, year: 1 })
  expect([await isServed(open), await isServed(open)]).toEqual([true, false])
  await until(() => open.output().includes(line))
  const closed = await guarded({ ...redis, year: 1, fault_tolerant: false })
  expect(await isServed(closed)).toBe(false)
})

test('a wrong password is no error of the configuration; it is logged, and never shown', async () => {
  const redis = await startRedis({ password: 'right' })
  const gateway = await guarded({ ...at(redis.port, { password: 'wr0ng-secret' }), year: 1 })
  await until(() => /Redis is away: .*WRONGPASS/.test(gateway.output()))
  expect(await isServed(gateway)).toBe(true)
  expect(gateway.output()).not.toContain('wr0ng-secret')
  const right = { config: { redis: { host: '127.0.0.1', port: redis.port, password: 'right' } } }
  const changed = await gateway.admin('PATCH', `/plugins/${gateway.id}`, right)
  expect(changed.status).toBe(200)
  await until(async () => {
    await isServed(gateway)
    return (await redis.ask('DBSIZE')).includes(':1')
  })
})

test('TLS to Redis is verified by trusted_certificate, when it is to be', async () => {
  const pair = await createSelfSigned({
    key: 'ec',
    commonName: 'redis.test',
    names: ['redis.test'],
    days: 1,
    ca: true,
  })
  const folder = temporaryFolder()
  const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')]
  writeFileSync(cert, pair.cert)
  writeFileSync(key, pair.key)
  const redis = await startRedis({ tls: { cert, key } })
  const counted = (more: object) => ({ ...at(redis.port, { ssl: true, ...more }), year: 1 })
  const closed = { fault_tolerant: false }
  const lax = await guarded({ ...counted({}), ...closed })
  expect([await isServed(lax), await isServed(lax)]).toEqual([true, false])
  const verified = { ssl_verify: true, server_name: 'redis.test' }
  const trusting = { trusted_certificate: cert }
  const strict = await guarded({ ...counted(verified), ...closed }, trusting)
  expect(await isServed(strict)).toBe(true)
  const doubtful = await guarded({ ...counted(verified), ...closed })
  expect(await isServed(doubtful)).toBe(false)
  await until(() => /Redis is away: .*(self-signed|unable to verify)/.test(doubtful.output()))
  const elsewhere = { ...verified, server_name: 'other.test' }
  const misled = await guarded({ ...counted(elsewhere), ...closed }, trusting)
  expect(await isServed(misled)).toBe(false)
})

test('a plugin that is changed, or deleted, leaves no connection behind', async () => {
  const redis = await startRedis()
  const gateway = await guarded({ ...at(redis.port), year: 1 })
  expect(await isServed(gateway)).toBe(true)
  expect(await clients(redis)).toBe(1)
  for (let year = 2; year < 6; year++) {
    await gateway.admin('PATCH', `/plugins/${gateway.id}`, { config: { year } })
  }
  await until(async () => (await clients(redis)) === 1)
  await gateway.admin('DELETE', `/plugins/${gateway.id}`)
  await until(async () => (await clients(redis)) === 0)
})
