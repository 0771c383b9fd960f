import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { noPostgres } from '../../core/src/store/postgres.fixture.ts'
import { ask } from './support/admin.ts'
import { balanceOver } from './support/backends.ts'
import { startCluster } from './support/cluster.ts'
import { startGateway, temporaryFolder, until, type RunningGateway } from './support/gateway.ts'
import {
  answers,
  healthOf,
  mark,
  mortal,
  often,
  untilHealth,
  type Mortal,
} from './support/health.ts'

/** What an operator says of targets. */

const manual = { health: 'UNHEALTHY', manual: true }

/** The route of a pool leads from one port; other gateways on the same configuration have others. */
async function routeEverywhere(gateway: RunningGateway): Promise<void> {
  const sources = [{ ip: '127.0.0.0/8' }]
  await gateway.create('/services/pool/routes', { protocols: ['tcp'], sources })
}

async function kill(gateway: RunningGateway): Promise<void> {
  gateway.signal('SIGKILL')
  await gateway.exited
}

/** Long enough for probes to have had their say: another target has been found dead and well again meanwhile. */
async function meanwhile(gateway: RunningGateway, other: Mortal): Promise<void> {
  await other.die()
  await untilHealth(gateway, { [other.target]: 'UNHEALTHY' })
  await other.live()
  await untilHealth(gateway, { [other.target]: 'HEALTHY' })
}

test('a mark is followed at once, and holds over probes, writes of the target and kill -9', async () => {
  const prefix = temporaryFolder()
  const settings = { worker_processes: '2' }
  let gateway = await startGateway({ prefix, settings })
  const [a, b, c] = [await mortal('a'), await mortal('b'), await mortal('c')]
  const targets = [[a.target, 100] as const, [b.target, 100] as const]
  await balanceOver(gateway, targets, {
    upstream: { healthchecks: often() },
    service: { retries: 0 },
  })
  await gateway.create('/upstreams/pool.test/targets', { target: c.target, weight: 1 })
  await routeEverywhere(gateway)
  const plain = (await gateway.admin('GET', `/upstreams/pool.test/targets/${a.target}`)).body

  expect(await mark(gateway, a.target, 'unhealthy')).toEqual({ status: 204, body: undefined })
  expect(await answers(gateway, 10)).not.toContain('a')
  await meanwhile(gateway, c)
  expect((await healthOf(gateway))[a.target]).toMatchObject({
    ...manual,
    data: { addresses: [manual] },
  })
  const path = `/upstreams/pool.test/targets/${a.target}`
  expect((await gateway.admin('GET', path)).body).toEqual(plain)
  const written = await gateway.admin('PATCH', path, { weight: 50 })
  expect(written.body).toEqual({ ...plain, weight: 50, updated_at: written.body.updated_at })
  await gateway.admin('PATCH', '/upstreams/pool.test', { tags: ['t'] })
  expect((await healthOf(gateway))[a.target]).toMatchObject(manual)

  await kill(gateway)
  gateway = await startGateway({ prefix, settings })
  expect((await healthOf(gateway))[a.target]).toMatchObject(manual)
  expect(await answers(gateway, 10)).toContain('b')
  expect(await answers(gateway, 10)).not.toContain('a')
  await meanwhile(gateway, c)
  expect((await healthOf(gateway))[a.target]).toMatchObject(manual)

  expect(await mark(gateway, a.target, 'healthy')).toMatchObject({ status: 204 })
  expect(await answers(gateway, 10)).toContain('a')
  await a.die()
  await meanwhile(gateway, c)
  expect((await healthOf(gateway))[a.target]).toMatchObject({ health: 'HEALTHY', manual: true })
  expect(await mark(gateway, a.target, 'automatic')).toMatchObject({ status: 204 })
  expect((await healthOf(gateway))[a.target]).toMatchObject({ health: 'UNHEALTHY' })
  expect((await healthOf(gateway))[a.target]).not.toHaveProperty('manual')

  await mark(gateway, a.target, 'unhealthy')
  await a.live()
  expect(await gateway.admin('DELETE', path)).toMatchObject({ status: 204 })
  await gateway.create('/upstreams/pool.test/targets', { target: a.target, weight: 100 })
  expect((await healthOf(gateway))[a.target]).toMatchObject({ health: 'HEALTHY' })
  expect(await answers(gateway, 10)).toContain('a')
})

test('what operators can get wrong', async () => {
  const gateway = await startGateway()
  const a = await mortal('a')
  await balanceOver(gateway, [[a.target, 100]])
  expect(await mark(gateway, a.target, 'unhealthy')).toEqual({
    status: 400,
    body: { message: 'no healthchecker found for pool.test' },
  })
  await gateway.admin('PATCH', '/upstreams/pool.test', { healthchecks: often() })
  expect(await mark(gateway, `${a.target}/127.0.0.9:1`, 'unhealthy')).toEqual({
    status: 400,
    body: { message: `${a.target} has no address 127.0.0.9:1` },
  })
  expect(await mark(gateway, `${a.target}/${a.target}`, 'unhealthy')).toMatchObject({ status: 204 })
  expect(await answers(gateway, 2)).toEqual(new Set(['']))
})

function documentOf(gateway: { readonly port: number }, targets: readonly string[]): string {
  return JSON.stringify({
    _format_version: '3.0',
    services: [
      {
        name: 'pool',
        protocol: 'tcp',
        host: 'pool.test',
        port: 1,
        retries: 0,
        routes: [{ name: 'all', protocols: ['tcp'], sources: [{ ip: '127.0.0.0/8' }] }],
      },
    ],
    upstreams: [
      { name: 'pool.test', healthchecks: often(), targets: targets.map((target) => ({ target })) },
    ],
    _comment: `for ${gateway.port}`,
  })
}

test('without a database a mark holds over kill -9 and new documents, as long as its target is there', async () => {
  const prefix = temporaryFolder()
  const [a, b] = [await mortal('a'), await mortal('b')]
  const file = join(prefix, 'kong.json')
  const both = documentOf({ port: 1 }, [a.target, b.target])
  writeFileSync(file, both)
  const settings = { database: 'off', declarative_config: file, worker_processes: '2' }
  let gateway = await startGateway({ prefix, settings })
  const load = (text: string) => ask(gateway, 'POST /config', text, 'application/json')
  expect(await mark(gateway, a.target, 'unhealthy')).toMatchObject({ status: 204 })
  expect(await answers(gateway, 10)).toEqual(new Set(['b']))
  expect((await gateway.admin('GET', '/config')).body.config).not.toContain('marks')
  await kill(gateway)
  gateway = await startGateway({ prefix, settings })
  expect((await healthOf(gateway))[a.target]).toMatchObject(manual)
  expect(await answers(gateway, 10)).toEqual(new Set(['b']))
  const loaded = await load(documentOf({ port: 2 }, [a.target, b.target]))
  expect(loaded.status).toBe(201)
  expect(JSON.stringify(loaded.body)).not.toContain('marks')
  expect((await healthOf(gateway))[a.target]).toMatchObject(manual)
  await load(documentOf({ port: 3 }, [b.target]))
  await load(both)
  await untilHealth(gateway, { [a.target]: 'HEALTHY' })
  expect((await healthOf(gateway))[a.target]).not.toHaveProperty('manual')
})

describe.skipIf(noPostgres)('on one PostgreSQL server', () => {
  test('every node follows a mark, also one that was away', async () => {
    const cluster = await startCluster()
    const [prefix, settings] = [temporaryFolder(), { worker_processes: '2' }]
    const one = await cluster.start()
    let two = await cluster.start({ prefix, settings })
    const [a, b] = [await mortal('a'), await mortal('b')]
    const targets = [[a.target, 100] as const, [b.target, 100] as const]
    await balanceOver(one, targets, {
      upstream: { healthchecks: often() },
      service: { retries: 0 },
    })
    await routeEverywhere(one)
    await until(async () => (await two.admin('GET', '/upstreams/pool.test')).status === 200)
    expect(await mark(one, a.target, 'unhealthy')).toMatchObject({ status: 204 })
    await until(async () => (await healthOf(two))[a.target]?.manual === true)
    await until(async () => (await answers(two, 5)).size === 1)
    expect(await answers(two, 10)).toEqual(new Set(['b']))
    await kill(two)
    expect(await mark(one, a.target, 'healthy')).toMatchObject({ status: 204 })
    expect(await mark(one, b.target, 'unhealthy')).toMatchObject({ status: 204 })
    two = await cluster.start({ prefix, settings })
    expect(await answers(two, 10)).toEqual(new Set(['a']))
    expect((await healthOf(two))[b.target]).toMatchObject(manual)
    expect(await mark(two, b.target, 'healthy')).toMatchObject({ status: 204 })
    await until(async () => (await answers(one, 10)).size === 2)
  })
})
