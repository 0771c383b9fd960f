import { writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { createSelfSigned } from '../../core/src/certificates/self-signed.ts'
import { ask, noPostgres } from '../../core/src/store/postgres.fixture.ts'
import { databaseOf, revisionOf, routeAll, services, startCluster } from './support/cluster.ts'
import {
  failToStart,
  startGateway,
  temporaryFolder,
  until,
  type RunningGateway,
} from './support/gateway.ts'
import { serve, serveEcho, talk } from './support/peers.ts'
import { writePlugin } from './support/plugins.ts'

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
