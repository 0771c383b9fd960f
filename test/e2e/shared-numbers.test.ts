import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { ask, noPostgres } from '../../core/src/store/postgres.fixture.ts'
import { revisionOf, routeAll, startCluster, untilReachable } from './support/cluster.ts'
import {
  isAlive,
  startGateway,
  temporaryFolder,
  until,
  type RunningGateway,
} from './support/gateway.ts'
import { talk } from './support/peers.ts'
import { routeTo, startWithPlugins, writePlugins } from './support/with-plugins.ts'

/** Tells each client how many there were before it and itself, up to a limit; or why it cannot. */
const quota = `schema: { type: 'object', properties: { limit: { type: 'integer', default: 1000 } } },
  phases: {
    async preread(_conn, { shared, config, clock }) {
      try {
        const until = clock.now() + 3_600_000
        const { added, total } = await shared.add('clients', 1, { until, limit: config.limit })
        return reject('counted', (added ? 'added ' : 'full ') + total)
      } catch (error) {
        return reject('not counted', error.message)
      }
    },
  },`

const count = async ({ port }: RunningGateway) => (await talk(port, '')).received

/** How many of so many clients, who come all at once, were added. */
async function crowd(gateways: readonly RunningGateway[], each: number): Promise<number> {
  const said = await Promise.all(
    gateways.flatMap((gateway) => Array.from({ length: each }, () => count(gateway))),
  )
  for (const text of said) expect(text).toMatch(/^(added|full) \d+$/)
  return said.filter((text) => text.startsWith('added')).length
}

describe.each(['embedded', 'off'])('with database = %s', (database) => {
  const config = { _format_version: '3.0', plugins: [{ name: 'quota', config: { limit: 30 } }] }

  async function configure(gateway: RunningGateway): Promise<void> {
    if (database === 'embedded') {
      await routeAll(gateway, 1)
      await gateway.create('/plugins', { name: 'quota', config: { limit: 30 } })
    } else {
      const services = [
        {
          name: 'up',
          url: 'tcp://127.0.0.1:1',
          routes: [{ name: 'plain', protocols: ['tcp'], sources: [{ ip: '127.0.0.0/8' }] }],
        },
      ]
      const answer = await gateway.admin('POST', '/config', { ...config, services })
      expect(answer.status).toBe(201)
    }
  }

  test('two workers count one number exactly; it survives kill -9 of a worker and of the gateway', async () => {
    const plugins = writePlugins({ quota })
    const prefix = temporaryFolder()
    const settings = { plugins, database, worker_processes: '2' }
    const first = await startGateway({ prefix, settings })
    await configure(first)
    expect(await crowd([first], 10)).toBe(10)
    const before = await first.workers()
    process.kill(before[0] ?? 0, 'SIGKILL')
    await until(async () => {
      const now = await first.workers()
      return now.length === 2 && !now.includes(before[0] ?? 0)
    })
    expect(await count(first)).toBe('added 11')
    const workers = await first.workers()
    first.signal('SIGKILL')
    await first.exited
    await until(() => !workers.some(isAlive))
    const second = await startGateway({ prefix, settings })
    expect(await count(second)).toBe('added 12')
    expect(await crowd([second], 40)).toBe(18)
    expect(await count(second)).toBe('full 30')
    expect(existsSync(join(prefix, 'shared-numbers.db'))).toBe(database === 'off')
  })
})

test('counting changes no revision and no history; a plugin made anew begins anew', async () => {
  const gateway = await startWithPlugins({ quota })
  await routeTo(gateway, 1)
  const plugin = await gateway.create('/plugins', { name: 'quota' })
  const before = await revisionOf(gateway)
  expect([await count(gateway), await count(gateway)]).toEqual(['added 1', 'added 2'])
  expect(await revisionOf(gateway)).toBe(before)
  await gateway.admin('PATCH', `/plugins/${plugin.id}`, { config: { limit: 5 } })
  expect(await count(gateway)).toBe('added 3')
  await gateway.admin('DELETE', `/plugins/${plugin.id}`)
  // The same id: what it counted before would be there again.
  await gateway.create('/plugins', { id: plugin.id, name: 'quota' })
  await until(async () => (await count(gateway)) === 'added 1')
})

describe.skipIf(noPostgres)('two nodes on one PostgreSQL', () => {
  test('they count one number exactly; away, it is told within seconds, and goes on after', async () => {
    const cluster = await startCluster()
    const settings = { plugins: writePlugins({ quota }) }
    const a = await cluster.start({ settings: { ...settings, worker_processes: '2' } })
    const b = await cluster.start({ settings })
    await routeAll(a, 1)
    const plugin = await a.create('/plugins', { name: 'quota', config: { limit: 50 } })
    await until(async () => (await count(b)).startsWith('added'))
    const used = Number(/\d+$/.exec(await count(a))?.[0])
    expect(await crowd([a, b], 60)).toBe(50 - used)
    expect([await count(a), await count(b)]).toEqual(['full 50', 'full 50'])

    cluster.server.pause()
    const told = await Promise.all([count(a), count(a), count(b)])
    for (const text of told) expect(text).toMatch(/^shared numbers cannot be reached: /)
    cluster.server.resume()
    for (const node of [a, b]) await untilReachable(node, true)
    await until(async () => (await count(a)) === 'full 50')

    await cluster.server.stop('fast')
    await until(async () => (await count(b)).startsWith('shared numbers cannot be reached: '))
    await cluster.server.start()
    for (const node of [a, b]) await untilReachable(node, true)
    await until(async () => (await count(b)) === 'full 50')

    await a.admin('DELETE', `/plugins/${plugin.id}`)
    await until(
      async () =>
        (await ask(cluster.server.port, cluster.database, 'select * from shared_numbers'))
          .length === 0,
    )
  })
})

describe('once', () => {
  /** Asks a server for a list, once for all workers, and tells each client what it got. */
  const lister = `schema: { type: 'object', properties: { url: { type: 'string' }, max_age: { type: 'number', default: 3_600_000 } }, required: ['url'] },
    setup: ({ once, config }) => ({ list: () => once('list', async (signal) => {
      const response = await fetch(config.url + '?' + process.pid, { signal })
      return new Map(Object.entries(await response.json()))
    }, { maxAge: config.max_age }) }),
    phases: {
      async preread(_conn, { state }) { return reject('listed', process.pid + ' ' + (await state.list()).get('n')) },
    },`

  /** A server that counts who asks, and answers when told. */
  async function listServer() {
    const asked: string[] = []
    let held: (() => void)[] | undefined
    const server = createServer((request, response) => {
      asked.push(request.url ?? '')
      const n = asked.length
      const answer = () => void response.end(JSON.stringify({ n }))
      if (held) held.push(answer)
      else answer()
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    onTestFinished(() => server.close().closeAllConnections())
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
    return {
      url,
      asked,
      hold: () => void (held = []),
      release: () => {
        const answers = held ?? []
        held = undefined
        for (const answer of answers) answer()
      },
    }
  }

  /** Dials until each of so many workers has answered. */
  async function askAll(gateway: RunningGateway, workers: number): Promise<Map<string, string>> {
    const said = new Map<string, string>()
    await until(async () => {
      const [pid = '', n = ''] = (await count(gateway)).split(' ')
      said.set(pid, n)
      return said.size === workers
    })
    return said
  }

  test.each([1, 2])(
    '%i workers ask for a list once, and anew when its plugin is configured anew',
    async (workers) => {
      const server = await listServer()
      const gateway = await startWithPlugins(
        { lister },
        { settings: { worker_processes: String(workers) } },
      )
      await routeTo(gateway, 1)
      const { id } = await gateway.create('/plugins', {
        name: 'lister',
        config: { url: server.url },
      })
      const first = await askAll(gateway, workers)
      expect([...first.values()]).toEqual(Array.from({ length: workers }, () => '1'))
      expect(server.asked).toHaveLength(1)
      const config = { url: server.url, max_age: 1e9 }
      await gateway.admin('PATCH', `/plugins/${id}`, { config })
      const again = await askAll(gateway, workers)
      expect([...again.values()]).toEqual(Array.from({ length: workers }, () => '2'))
      expect(server.asked).toHaveLength(2)
    },
  )

  test('the worker that dies while it produces loses its turn to another one', async () => {
    const server = await listServer()
    const gateway = await startWithPlugins({ lister }, { settings: { worker_processes: '2' } })
    await routeTo(gateway, 1)
    await gateway.create('/plugins', { name: 'lister', config: { url: server.url } })
    server.hold()
    const clients = Array.from({ length: 40 }, () => count(gateway))
    await until(() => server.asked.length === 1)
    const producer = Number(server.asked[0]?.slice(2))
    process.kill(producer, 'SIGKILL')
    await until(() => server.asked.length === 2)
    expect(Number(server.asked[1]?.slice(2))).not.toBe(producer)
    server.release()
    const served = (await Promise.all(clients)).filter((text) => text !== '')
    expect(served.length).toBeGreaterThan(0)
    expect(new Set(served.map((text) => text.split(' ')[1]))).toEqual(new Set(['2']))
  })
})
