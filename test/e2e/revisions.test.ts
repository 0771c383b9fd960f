import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, test } from 'vitest'
import { ecCert, ecKey, rsaCert, rsaKey } from '../../core/src/entities/pem.fixture.ts'
import { ask, noPostgres } from '../../core/src/store/postgres.fixture.ts'
import { revisionOf, routeAll, startCluster } from './support/cluster.ts'
import { runCommand } from './support/command.ts'
import { failToStart, startGateway, temporaryFolder, until } from './support/gateway.ts'
import type { Line, RunningGateway } from './support/gateway.ts'
import { hold, serve, talk } from './support/peers.ts'

async function answering(word: string): Promise<number> {
  return (await serve((socket) => socket.end(word))).port
}

/** The lines of a log once there are so many. */
async function linesOf(file: string, count: number): Promise<Line[]> {
  const read = () => readFileSync(file, 'utf8').split('\n').filter(Boolean)
  await until(() => read().length >= count)
  return read().map((line) => JSON.parse(line) as Line)
}

function cli(gateway: RunningGateway, line: string) {
  return runCommand([...line.split(' '), '-p', gateway.prefix])
}

test.each([['1'], ['2']])(
  'with %s workers a rollback is followed by new connections, and is a revision itself',
  async (worker_processes) => {
    const [one, two] = [await answering('one'), await answering('two')]
    const gateway = await startGateway({ settings: { worker_processes } })
    await routeAll(gateway, one)
    expect((await talk(gateway.port, '')).received).toBe('one')
    await gateway.admin('PATCH', '/services/all', { port: two })
    expect((await talk(gateway.port, '')).received).toBe('two')
    await gateway.admin(
      'DELETE',
      '/routes/' + (await gateway.admin('GET', '/routes')).body.data[0].id,
    )
    expect((await talk(gateway.port, '')).received).toBe('')

    expect(await gateway.admin('GET', '/revisions/3')).toMatchObject({
      status: 200,
      body: {
        number: 3,
        author: '127.0.0.1',
        changes: [{ op: 'update', before: { port: one }, after: { port: two } }],
      },
    })
    const rollback = await gateway.admin('POST', '/revisions/2/rollback')
    expect(rollback).toEqual({ status: 200, body: { revision: 5, changes: 2 } })
    expect((await talk(gateway.port, '')).received).toBe('one')

    expect((await cli(gateway, 'config diff 2 5')).output).toBe('no difference\n')
    expect(await cli(gateway, 'config rollback 3')).toEqual({
      code: 0,
      output: 'revision 6 brings revision 3 back: 1 row changed\n',
    })
    expect((await talk(gateway.port, '')).received).toBe('two')
    const { body } = await gateway.admin('GET', '/revisions?size=2')
    expect(body.data.map(({ author }: Line) => author)).toEqual(['kong-ts', '127.0.0.1'])
    const history = await cli(gateway, 'config history')
    expect(history.output.trim().split('\n')).toHaveLength(7)
    expect(history.output).toContain('routes, services')
  },
)

test('every line of the log has the revision under which its connection was accepted', async () => {
  const folder = temporaryFolder()
  const [access, plugin] = [join(folder, 'access'), join(folder, 'plugin')]
  const gateway = await startGateway({ settings: { access_log: access } })
  await routeAll(gateway, (await serve((socket) => socket.pipe(socket))).port)
  await gateway.create('/plugins', { name: 'file-log', config: { path: plugin } })
  const early = await hold(gateway.port)
  await gateway.create('/consumers', { username: 'somebody' })
  await talk(gateway.port, 'late')
  early.socket.end()
  const written = [await linesOf(access, 2), await linesOf(plugin, 2)]
  for (const lines of written) expect(lines.map(({ revision }) => revision)).toEqual([4, 3])
})

test('a secret is in no answer and in no output', async () => {
  const admin_token = 'a-token-of-the-test'
  const gateway = await startGateway({ settings: { admin_token } })
  const call = async (method: string, path: string, body?: object) => {
    const response = await fetch(`http://127.0.0.1:${gateway.adminPort}${path}`, {
      method,
      headers: {
        'Kong-Admin-Token': admin_token,
        ...(body && { 'content-type': 'application/json' }),
      },
      ...(body && { body: JSON.stringify(body) }),
    })
    return { status: response.status, text: await response.text() }
  }
  await call('POST', '/certificates', { cert: rsaCert, key: rsaKey, tags: ['a'] })
  const { data } = JSON.parse((await call('GET', '/certificates')).text)
  await call('PATCH', `/certificates/${data[0].id}`, { cert: ecCert, key: ecKey })
  const changed = JSON.parse((await call('GET', '/revisions/2')).text)
  expect(changed).toMatchObject({
    author: 'token@127.0.0.1',
    changes: [{ before: { cert: rsaCert, key: '******' }, after: { key: '******' } }],
  })
  const told = [
    (await call('GET', '/revisions/1')).text,
    JSON.stringify(changed),
    (await cli(gateway, 'config diff 0')).output,
    (await cli(gateway, 'config diff 1 2')).output,
    (await cli(gateway, 'config history --json')).output,
  ].join()
  expect(told).not.toContain('PRIVATE KEY')
  expect(told).not.toContain(admin_token)
  expect((await call('POST', '/revisions/1/rollback')).status).toBe(200)
  expect(JSON.parse((await call('GET', `/certificates/${data[0].id}`)).text)).toEqual(data[0])
})

test('only so many revisions are remembered, and one that never was is not found', async () => {
  const gateway = await startGateway({ settings: { revision_limit: '3' } })
  for (let n = 1; n <= 5; n += 1) await gateway.create('/consumers', { username: `c${n}` })
  const { body } = await gateway.admin('GET', '/revisions')
  expect(body.data.map(({ number }: Line) => number)).toEqual([5, 4, 3])
  expect((await gateway.admin('GET', '/revisions/2')).status).toBe(404)
  expect(await gateway.admin('POST', '/revisions/1/rollback')).toEqual({
    status: 409,
    body: { message: 'revision 1 is no longer remembered' },
  })
  expect((await gateway.admin('POST', '/revisions/6/rollback')).status).toBe(404)
  expect(await cli(gateway, 'config rollback 6')).toMatchObject({ code: 1 })
  expect(await revisionOf(gateway)).toBe(5)
})

test('what the gateway of now cannot serve is refused by its row, and the one before goes on', async () => {
  const prefix = temporaryFolder()
  const first = await startGateway({ prefix })
  const { id } = await first.create('/plugins', {
    name: 'ip-restriction',
    config: { deny: ['10.0.0.1'] },
  })
  await first.admin('DELETE', `/plugins/${id}`)
  first.signal('SIGTERM')
  await first.exited
  const second = await startGateway({ prefix, settings: { plugins: 'rate-limiting' } })
  const refused = await second.admin('POST', '/revisions/1/rollback')
  expect(refused).toMatchObject({
    status: 409,
    body: { message: expect.stringContaining(`plugins ${id} cannot be brought back`) },
  })
  expect(await revisionOf(second)).toBe(2)
})

test('without a database there are none, and without a node nobody to ask', async () => {
  const gateway = await startGateway({ settings: { database: 'off' } })
  expect(await gateway.admin('GET', '/revisions')).toMatchObject({ status: 400 })
  expect(await cli(gateway, 'config history')).toEqual({
    code: 1,
    output: 'Error: there are no revisions without a database\n',
  })
  const nowhere = temporaryFolder()
  expect(await runCommand(['config', 'rollback', '1', '-p', nowhere])).toEqual({
    code: 1,
    output: `Error: kong-ts is not running at ${nowhere}\n`,
  })
})

test('an import of the command is a revision, which can be taken back', async () => {
  const prefix = temporaryFolder()
  const file = join(prefix, 'kong.yml')
  writeFileSync(file, '_format_version: "3.0"\nservices:\n- {name: a, url: "tcp://h:1"}\n')
  expect((await runCommand(['config', 'db_import', file, '-p', prefix])).code).toBe(0)
  const gateway = await startGateway({ prefix })
  writeFileSync(file, '_format_version: "3.0"\nservices:\n- {name: b, url: "tcp://h:1"}\n')
  expect((await cli(gateway, `config db_import ${file}`)).code).toBe(0)
  const { body } = await gateway.admin('GET', '/revisions')
  expect(body.data.map(({ author }: Line) => author)).toEqual(['kong-ts', 'kong-ts'])
  expect((await gateway.admin('POST', '/revisions/0/rollback')).body).toMatchObject({ changes: 2 })
})

test('a stored row that was edited into nonsense is named when the node starts', async () => {
  const prefix = temporaryFolder()
  const gateway = await startGateway({ prefix })
  const { id } = await gateway.create('/services', { name: 'a', url: 'tcp://h:1' })
  gateway.signal('SIGTERM')
  await gateway.exited
  const database = new DatabaseSync(join(prefix, 'kong.db'))
  database.exec(`update services set body = '{"protocol":"tcp","host":"h","enabled":true}'`)
  database.close()
  const { code, output } = await failToStart({ prefix })
  expect(code).toBe(1)
  expect(output).toContain(`the stored row services ${id} is damaged: port is missing`)
})

describe.skipIf(noPostgres)('on a PostgreSQL server', () => {
  test('what one node has changed another takes back, and each says so', async () => {
    const cluster = await startCluster()
    const [a, b] = [await cluster.start(), await cluster.start()]
    await routeAll(a, await answering('one'))
    await until(async () => (await revisionOf(b)) === 2)
    await b.admin('PATCH', '/services/all', { port: await answering('two') })
    await a.create('/consumers', { username: 'somebody' })
    const rollback = await b.admin('POST', '/revisions/2/rollback')
    expect(rollback).toMatchObject({ status: 200, body: { revision: 5 } })
    await until(async () => (await talk(a.port, '')).received === 'one')
    expect((await a.admin('GET', '/consumers')).body.data).toEqual([])
    const [first, other] = [await a.admin('GET', '/revisions'), await b.admin('GET', '/revisions')]
    expect(first.body).toEqual(other.body)
    expect(first.body.data).toHaveLength(5)
  })

  test('a row that was edited into nonsense ends no traffic, and is named', async () => {
    const cluster = await startCluster()
    const gateway = await cluster.start()
    await routeAll(gateway, await answering('one'))
    const edit = `update services set body = '{}'; update revision set number = 9`
    await ask(cluster.server.port, cluster.database, edit)
    const behind = async () =>
      (await gateway.admin('GET', '/status')).body.configuration.behind as Line | undefined
    await until(async () => (await behind()) !== undefined)
    expect(await behind()).toMatchObject({ revision: 9 })
    expect((await behind())?.['error']).toMatch(/the stored row services \S+ is damaged/)
    expect((await talk(gateway.port, '')).received).toBe('one')
    await until(() => gateway.output().includes('is damaged'))
  })
})
