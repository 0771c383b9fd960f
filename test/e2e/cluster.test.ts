import { writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { createSelfSigned } from '../../core/src/certificates/self-signed.ts'
import { ask, noPostgres } from '../../core/src/store/postgres.fixture.ts'
import {
  databaseOf,
  meanwhile,
  revisionOf,
  startCluster,
  untilReachable,
} from './support/cluster.ts'
import {
  failToStart,
  startGateway,
  temporaryFolder,
  until,
  type RunningGateway,
} from './support/gateway.ts'
import { serve, serveEcho, talk } from './support/peers.ts'
import { writePlugin } from './support/plugins.ts'

async function services(gateway: RunningGateway): Promise<string[]> {
  const { body } = await gateway.admin('GET', '/services?size=1000')
  return body.data.map(({ id }: { id: string }) => id)
}

/** A service that everything leads to. */
async function routeAll(gateway: RunningGateway, port: number): Promise<void> {
  await gateway.create('/services', { name: 'all', url: `tcp://127.0.0.1:${port}` })
  await gateway.create('/services/all/routes', {
    protocols: ['tcp'],
    sources: [{ ip: '0.0.0.0/0' }],
  })
}

const url = 'tcp://127.0.0.1:1'

describe.skipIf(noPostgres)('several nodes on one PostgreSQL server', () => {
  test('what one answers the others follow, writes on all of them at once included', async () => {
    const cluster = await startCluster()
    const nodes = await Promise.all(
      [1, 2, 3].map((n) => cluster.start({ settings: { worker_processes: n === 1 ? '2' : '1' } })),
    )
    const [a, b, c] = nodes as [RunningGateway, RunningGateway, RunningGateway]
    const [one, two] = [
      await serve((socket) => socket.end('one')),
      await serve((socket) => socket.end('two')),
    ]
    await routeAll(a, one.port)
    for (const { port } of [b, c]) {
      await until(async () => (await talk(port, '')).received === 'one')
    }
    await b.admin('PATCH', '/services/all', { port: two.port })
    for (const { port } of [a, c])
      await until(async () => (await talk(port, '')).received === 'two')

    const written = await Promise.all(
      nodes.map(async (node, at) => {
        for (let n = 0; n < 20; n++) await node.create('/services', { name: `s${at}-${n}`, url })
      }),
    )
    expect(written).toHaveLength(3)
    const revision = await revisionOf(a)
    await until(async () => {
      const all = await Promise.all(nodes.map(revisionOf))
      return new Set(all).size === 1
    })
    expect(revision).toBeGreaterThan(0)
    const [first, ...others] = await Promise.all(nodes.map(services))
    expect(first).toHaveLength(61)
    for (const each of others) expect(each).toEqual(first)
  })

  test('what was made on one node can be referred to on another at once', async () => {
    const cluster = await startCluster()
    const [a, b] = [await cluster.start(), await cluster.start()]
    for (let n = 0; n < 20; n++) {
      await a.create('/services', { name: `s${n}`, url })
      await b.create(`/routes`, {
        protocols: ['tls'],
        snis: [`n${n}.example`],
        service: { name: `s${n}` },
      })
    }
    const taken = await b.admin('POST', '/services', { name: 's1', url })
    expect(taken).toMatchObject({ status: 409, body: { code: 5 } })
  })

  test('a node that lacks a plugin goes on with what it has, says so, and follows again', async () => {
    const cluster = await startCluster()
    const extra = writePlugin(temporaryFolder(), 'extra', '')
    const knowing = await cluster.start({ settings: { plugins: `bundled, ${extra}` } })
    const other = await cluster.start()
    const echo = await serveEcho()
    await routeAll(knowing, echo.port)
    await until(async () => (await talk(other.port, 'x')).received === 'x')
    const plugin = await knowing.create('/plugins', { name: 'extra' })
    await knowing.create('/services', { name: 'later', url })
    await until(async () => (await other.admin('GET', '/status')).body.configuration.behind)
    const { body } = await other.admin('GET', '/status')
    expect(body.configuration).toMatchObject({
      behind: { error: expect.stringContaining('extra') },
    })
    expect((await talk(other.port, 'still')).received).toBe('still')
    const refused = await other.admin('POST', '/services', { name: 'mine', url })
    expect(refused).toMatchObject({ status: 500, body: { code: 8, name: 'database error' } })
    expect(refused.body.message).toContain('extra')
    expect((await knowing.admin('DELETE', `/plugins/${plugin.id}`)).status).toBe(204)
    await until(async () => (await services(other)).length === 2)
    expect((await other.admin('GET', '/status')).body.configuration).not.toHaveProperty('behind')
    await other.create('/services', { name: 'mine', url })
  })
})

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
    expect(refused.body.message).toMatch(/^the database cannot be used: /)
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

describe.skipIf(noPostgres)('a start that cannot be', () => {
  test.each([
    [
      'wrong credentials',
      { pg_user: 'nobody', pg_password: 'hunter2' },
      /role "nobody" does not exist/,
    ],
    ['no such database', { pg_database: 'nowhere' }, /database "nowhere" does not exist/],
    [
      'nothing bootstrapped',
      { pg_database: 'postgres' },
      /Database needs bootstrapping or is older than Kong 1\.0\./,
    ],
  ])('%s', async (_what, settings, why) => {
    const cluster = await startCluster()
    const { code, output } = await failToStart({ settings: { ...cluster.settings, ...settings } })
    expect(code).toBe(1)
    expect(output).toMatch(/^Error: [^\n]*\n$/)
    expect(output).toMatch(why)
    expect(output).not.toContain('hunter2')
  })

  test('a row that was edited into nonsense is named, and running nodes go on', async () => {
    const cluster = await startCluster()
    const node = await cluster.start()
    const { id } = await node.create('/services', { name: 'a', url })
    await ask(cluster.server.port, cluster.database, "update services set body = 'nonsense'")
    const { code, output } = await failToStart({ settings: cluster.settings })
    expect(code).toBe(1)
    expect(output).toContain(`services ${id}`)
    await node.create('/services', { name: 'b', url })
  })

  test('a server without TLS is refused where TLS is asked for', async () => {
    const cluster = await startCluster()
    const { output } = await failToStart({ settings: { ...cluster.settings, pg_ssl: 'on' } })
    expect(output).toContain('The server does not support SSL connections')
  })
})

test.skipIf(noPostgres)(
  'TLS to the server, verified when that is asked for; passwords are not shown',
  async () => {
    const folder = temporaryFolder()
    const make = async (commonName: string, more: object) =>
      createSelfSigned({ key: 'ec', commonName, days: 1, ...more })
    const authority = await make('authority', { ca: true })
    const stranger = await make('stranger', { ca: true })
    const leaf = await make('server', { names: ['127.0.0.1'], issuer: authority })
    for (const [name, { cert }] of Object.entries({ authority, stranger })) {
      writeFileSync(`${folder}/${name}.pem`, cert)
    }
    const cluster = await startCluster(
      [
        'ssl = on',
        "ssl_cert_file = 'tls.crt'",
        "ssl_key_file = 'tls.key'",
        "password_encryption = 'scram-sha-256'",
      ],
      { 'tls.crt': leaf.cert, 'tls.key': leaf.key },
    )
    const query = (text: string) => ask(cluster.server.port, cluster.database, text)
    await query("create role guest login superuser password 'hunter2'")
    writeFileSync(
      `${cluster.server.folder}/data/pg_hba.conf`,
      'hostssl all guest 127.0.0.1/32 scram-sha-256\nhost all kong 127.0.0.1/32 trust\n',
    )
    await query('select pg_reload_conf()')
    const settings = (more: Record<string, string>) => ({
      ...cluster.settings,
      pg_user: 'guest',
      pg_password: 'hunter2',
      pg_ssl: 'on',
      ...more,
    })
    const verify = (name: string) =>
      settings({ pg_ssl_verify: 'on', trusted_certificate: `${folder}/${name}.pem` })
    const node = await cluster.start({ settings: verify('authority') })
    await node.create('/services', { url })
    const tls = await query(
      "select count(*) as n from pg_stat_ssl join pg_stat_activity using (pid) where ssl and usename = 'guest'",
    )
    expect(Number(tls[0]?.['n'])).toBeGreaterThan(0)
    const { body } = await node.admin('GET', '/')
    expect(body.configuration.pg_password).toBe('******')
    expect(JSON.stringify(body)).not.toContain('hunter2')

    for (const [given, why] of [
      [verify('stranger'), /certificate/],
      [settings({ pg_ssl: 'off' }), /no pg_hba.conf entry/],
      [settings({ pg_password: 'wrong-one' }), /password authentication failed for user "guest"/],
    ] as const) {
      const { code, output } = await failToStart({ settings: given })
      expect([code, output]).toEqual([1, expect.stringMatching(why)])
      expect(output).not.toMatch(/hunter2|wrong-one/)
    }
  },
)

test('without a database nothing of this is looked for', async () => {
  const gateway = await startGateway()
  expect(await databaseOf(gateway)).toEqual({ reachable: true })
})
