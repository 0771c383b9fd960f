import { connect } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { ask, noPostgres } from '../../core/src/store/postgres.fixture.ts'
import { routeAll, startCluster } from './support/cluster.ts'
import {
  inOrder,
  startGateway,
  temporaryFolder,
  until,
  type RunningGateway,
} from './support/gateway.ts'
import { serve } from './support/peers.ts'
import { routeTo } from './support/with-plugins.ts'

/** Sends as many bytes as it is asked for, and ends. */
function serveBytes() {
  return serve((socket) =>
    socket.once('data', (wish) => socket.end(Buffer.alloc(Number(wish.toString())))),
  )
}

/** How many of so many bytes arrive before the connection is over. */
function fetch(port: number, bytes: number): Promise<number> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(String(bytes)))
    onTestFinished(() => void socket.destroy())
    let got = 0
    socket.on('data', (chunk) => (got += chunk.length))
    socket.on('error', () => undefined)
    socket.on('close', () => resolve(got))
  })
}

const endings = (gateway: RunningGateway) =>
  inOrder(gateway.endings()).map(({ ending, reason }) => ({ ending, reason }))

const usedUp = 'bandwidth quota exceeded: 1000000 bytes per month'

describe.each(['native', 'portable'])('over the %s transport', (transport) => {
  test('connections of a key share a rate over two workers, and each has its own otherwise', async () => {
    const gateway = await startGateway({ settings: { transport, worker_processes: '2' } })
    const { port } = await serveBytes()
    await routeTo(gateway, port)
    const config = { download: 1_000_000, scope: 'key' }
    const { id } = await gateway.create('/routes/plain/plugins', {
      name: 'bandwidth-limiting',
      config,
    })
    const begun = performance.now()
    const got = await Promise.all(Array.from({ length: 8 }, () => fetch(gateway.port, 200_000)))
    const seconds = (performance.now() - begun) / 1000
    expect(got).toEqual(Array.from({ length: 8 }, () => 200_000))
    // A tenth of a second's bytes may be there beforehand, and as much again with each worker.
    expect(1_600_000 / seconds).toBeLessThan(1_000_000 * (1 + 0.3 / seconds))

    const alone = { download: 200_000, burst: 150_000, scope: 'connection' }
    await gateway.admin('PATCH', `/plugins/${id}`, { config: alone })
    const again = performance.now()
    await Promise.all(Array.from({ length: 3 }, () => fetch(gateway.port, 200_000)))
    expect(performance.now() - again).toBeGreaterThan(240)
  })

  test('a quota lets exactly its bytes pass, over a restart; then it refuses, until it is deleted', async () => {
    const prefix = temporaryFolder()
    const settings = { transport, worker_processes: '2' }
    const first = await startGateway({ prefix, settings })
    const { port } = await serveBytes()
    await routeTo(first, port)
    const config = { quota: { month: 1_000_000, count: 'download' } }
    const { id } = await first.create('/routes/plain/plugins', {
      name: 'bandwidth-limiting',
      config,
    })
    expect(await fetch(first.port, 300_000)).toBe(300_000)
    first.signal('SIGTERM')
    await first.exited

    const second = await startGateway({ prefix, settings })
    await second.admin('PATCH', '/routes/plain', { destinations: [{ port: second.port }] })
    expect(await fetch(second.port, 5_000_000)).toBe(700_000)
    expect(await fetch(second.port, 1)).toBe(0)
    await until(() => endings(second).length === 2)
    expect(endings(second)).toEqual([
      { ending: 'plugin.bandwidth-limiting.ended', reason: usedUp },
      { ending: 'plugin.bandwidth-limiting.rejected', reason: usedUp },
    ])
    await second.admin('DELETE', `/plugins/${id}`)
    expect(await fetch(second.port, 2_000_000)).toBe(2_000_000)
  })

  test('in shadow mode everything passes, and what it would have ended is told', async () => {
    const gateway = await startGateway({ settings: { transport, worker_processes: '1' } })
    const { port } = await serveBytes()
    await routeTo(gateway, port)
    await gateway.create('/routes/plain/plugins', {
      name: 'bandwidth-limiting',
      mode: 'shadow',
      config: { download: 1, upload: 1, scope: 'key', quota: { month: 1_000_000 } },
    })
    expect(await fetch(gateway.port, 3_000_000)).toBe(3_000_000)
    expect(await fetch(gateway.port, 100_000)).toBe(100_000)
    expect(await fetch(gateway.port, 1000)).toBe(1000)
    await until(() => gateway.endings().length === 3)
    expect(gateway.endings()[2]).toMatchObject({
      ending: 'upstream.closed',
      would_reject: [{ plugin: 'bandwidth-limiting', reason: usedUp }],
    })
  })
})

describe.skipIf(noPostgres)('two nodes on one PostgreSQL server', () => {
  test('share a quota, go on while the database is away, and count what passed when it is back', async () => {
    const cluster = await startCluster()
    const more = {
      settings: { worker_processes: '1', access_log: '/dev/stdout', pg_timeout: '5000' },
    }
    const [one, two] = await Promise.all([cluster.start(more), cluster.start(more)])
    const { port } = await serveBytes()
    await routeAll(one, port)
    const plugin = (config: object) => ({ name: 'bandwidth-limiting', config })
    const quota = { month: 1_000_000, count: 'download' }
    const { id } = await one.create('/services/all/plugins', plugin({ quota }))
    await until(async () => (await two.admin('GET', `/plugins/${id}`)).status === 200)
    expect(await fetch(one.port, 600_000)).toBe(600_000)
    await until(() => fetch(two.port, 0).then(() => two.endings().length > 0))

    await cluster.server.stop('fast')
    expect(await fetch(two.port, 700_000)).toBe(700_000)
    await cluster.server.start()
    await until(async () => {
      const sum = 'select sum(value)::int as bytes from shared_numbers'
      const [row] = await ask(cluster.server.port, cluster.database, sum)
      return Number(row?.['bytes']) >= 1_300_000
    })
    // All that the first node can have left is what it had taken in advance.
    expect(await fetch(one.port, 100_000)).toBeLessThanOrEqual(1_000_000 / 64)
    const reasons = () => one.endings().map(({ reason }) => reason)
    await until(() => reasons().includes(usedUp))
  })
})
