import { describe, expect, test } from 'vitest'
import { ask, noPostgres } from '../../core/src/store/postgres.fixture.ts'
import {
  databaseOf,
  meanwhile,
  revisionOf,
  routeAll,
  services,
  startCluster,
  untilReachable,
} from './support/cluster.ts'
import { failToStart, temporaryFolder, until } from './support/gateway.ts'
import { serve, serveEcho, talk } from './support/peers.ts'

const url = 'tcp://127.0.0.1:1'

describe.skipIf(noPostgres)('the database away', () => {
  test('stopped and paused: traffic goes on, writes fail in time, everything is well again by itself', async () => {
    const cluster = await startCluster()
    const [a, b] = [await cluster.start(), await cluster.start()]
    const echo = await serveEcho()
    await routeAll(a, echo.port)
    await until(async () => (await talk(b.port, 'x')).received === 'x')
    const traffic = meanwhile(async () => {
      for (const { port } of [a, b]) expect((await talk(port, 'hello')).received).toBe('hello')
    })

    await cluster.server.stop('fast')
    const refused = await a.admin('POST', '/services', { url })
    expect(refused).toMatchObject({ status: 500, body: { code: 8, name: 'database error' } })
    expect(refused.body.message).toMatch(
      /^the (database cannot be used|connection to the database broke during a commit): /,
    )
    for (const node of [a, b]) await untilReachable(node, false)
    expect((await a.admin('GET', '/services')).status).toBe(200)
    await cluster.server.start()
    for (const node of [a, b]) await untilReachable(node, true)
    await a.create('/services', { name: 'after-stop', url })

    cluster.server.pause()
    const all = await Promise.all(
      Array.from({ length: 5 }, () => b.admin('POST', '/services', { url })),
    )
    expect(all.map(({ status, body }) => [status, body.code])).toEqual(all.map(() => [500, 8]))
    expect((await databaseOf(b)).reachable).toBe(false)
    cluster.server.resume()
    await untilReachable(b, true)
    await b.create('/services', { name: 'after-pause', url })
    await until(async () => (await services(a)).length === 3)
    expect(await services(a)).toEqual(await services(b))
    expect(await traffic()).toBeGreaterThan(0)
  })

  test('crashed in the middle of writes: what was acknowledged is there, on every node, and nothing else', async () => {
    const cluster = await startCluster()
    const [a, b] = [await cluster.start(), await cluster.start()]
    const acknowledged: string[] = []
    let count = 0
    let doubtful = 0
    const writers = [a, b].map((node) =>
      meanwhile(async () => {
        const name = `s${++count}`
        const { status, body } = await node.admin('POST', '/services', { name, url })
        if (status === 201) acknowledged.push(body.id)
        else expect(body.code).toBe(8)
        if (/whether the change was stored/.test(body.message)) doubtful += 1
      }),
    )
    for (let crash = 0; crash < 3; crash++) {
      const before = acknowledged.length
      await until(() => acknowledged.length > before + 10)
      await cluster.server.stop('immediate')
      await cluster.server.start()
    }
    await until(async () => (await databaseOf(a)).reachable && (await databaseOf(b)).reachable)
    for (const stop of writers) await stop()
    await until(async () => (await revisionOf(a)) === (await revisionOf(b)))
    const stored = await ask(cluster.server.port, cluster.database, 'select id from services')
    const ids = stored.map(({ id }) => String(id)).toSorted()
    expect(await services(a)).toEqual(ids)
    expect(await services(b)).toEqual(ids)
    expect(ids).toEqual(expect.arrayContaining(acknowledged))
    expect(ids.length - acknowledged.length).toBeLessThanOrEqual(doubtful)
  })

  test('read-only: reads and traffic go on, a write is refused with its reason', async () => {
    const cluster = await startCluster()
    const node = await cluster.start()
    const setReadOnly = (value: string) =>
      ask(
        cluster.server.port,
        'postgres',
        `alter database ${cluster.database} set default_transaction_read_only = ${value}`,
      )
    await setReadOnly('on')
    await ask(
      cluster.server.port,
      'postgres',
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${cluster.database}'`,
    )
    await until(async () =>
      (await node.admin('POST', '/services', { url })).body.message?.includes('read-only'),
    )
    expect((await node.admin('GET', '/services')).status).toBe(200)
    await setReadOnly('off')
    await until(async () => (await node.admin('POST', '/services', { url })).status === 201)
  })

  test('slow: a write that has to wait too long is refused, and nothing of it is stored', async () => {
    const cluster = await startCluster()
    const node = await cluster.start()
    const blocking = ask(
      cluster.server.port,
      cluster.database,
      'begin; update revision set number = number; select pg_sleep(3); commit',
    )
    await until(async () => {
      const { status, body } = await node.admin('POST', '/services', { url })
      return status === 500 && /statement timeout/.test(body.message)
    })
    await blocking
    const before = await services(node)
    await node.create('/services', { url })
    expect(await services(node)).toHaveLength(before.length + 1)
  })

  test('a node that starts meanwhile serves what it has served last, and follows when it can', async () => {
    const cluster = await startCluster()
    const prefix = temporaryFolder()
    const [a, b] = [await cluster.start({ prefix }), await cluster.start()]
    const [one, two] = [
      await serve((socket) => socket.end('one')),
      await serve((socket) => socket.end('two')),
    ]
    await routeAll(b, one.port)
    await until(async () => (await talk(a.port, '')).received === 'one')
    a.signal('SIGTERM')
    expect(await a.exited).toBe(0)
    await b.admin('PATCH', '/services/all', { port: two.port })
    await cluster.server.stop('fast')

    const again = await cluster.start({ prefix })
    expect(again.output()).toMatch(
      /warning: the database cannot be used: .*; revision 2 of the configuration is served/,
    )
    expect((await talk(again.port, '')).received).toBe('one')
    expect(await databaseOf(again)).toMatchObject({ reachable: false, error: expect.any(String) })
    const fresh = await failToStart({ settings: cluster.settings })
    expect(fresh.code).toBe(1)
    expect(fresh.output).toMatch(/^Error: the database cannot be used: .*ECONNREFUSED.*\n$/)

    await cluster.server.start()
    await until(async () => (await talk(again.port, '')).received === 'two')
    expect(await databaseOf(again)).toEqual({ reachable: true })
  })

  test('a database that is put back to an older state is followed', async () => {
    const cluster = await startCluster()
    const node = await cluster.start({ settings: { db_update_frequency: '100ms' } })
    await node.create('/services', { name: 'a', url })
    await node.create('/services', { name: 'b', url })
    await ask(
      cluster.server.port,
      cluster.database,
      "delete from services where name = 'b'; delete from revisions where number > 1; update revision set number = 1",
    )
    await until(async () => (await services(node)).length === 1)
    expect(await node.create('/services', { name: 'b', url })).toMatchObject({ name: 'b' })
  })
})
