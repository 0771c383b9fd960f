import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ask } from './support/admin.ts'
import { runCommand } from './support/command.ts'
import { failToStart, startGateway, temporaryFolder } from './support/gateway.ts'
import type { RunningGateway } from './support/gateway.ts'
import { hold, isRefused, serveEcho, talk } from './support/peers.ts'

const counts = [['1'], ['2']] as const

/** A document with a service on a port, for connections from loopback. */
function documentFor(port: number, extra = ''): string {
  return `_format_version: "3.0"
services:
- name: echo
  url: tcp://127.0.0.1:${port}
  routes:
  - name: all
    protocols: [tcp]
    sources: [{ip: 127.0.0.0/8}]
${extra}`
}

function writeDocument(folder: string, text: string): string {
  const file = join(folder, 'kong.yml')
  writeFileSync(file, text)
  return file
}

async function swap(gateway: RunningGateway, text: string) {
  return ask(gateway, 'POST /config', text, 'text/yaml')
}

test.each(counts)(
  'a file is served by %s workers, a new document replaces it at once, live connections go on',
  async (worker_processes) => {
    const first = await serveEcho()
    const prefix = temporaryFolder()
    const gateway = await startGateway({
      prefix,
      settings: {
        database: 'off',
        worker_processes,
        declarative_config: writeDocument(prefix, documentFor(first.port)),
      },
    })
    const live = await hold(gateway.port)
    expect(await live.ask('before')).toBe('before')
    const { body: route } = await gateway.admin('GET', '/routes/all')

    expect(await swap(gateway, '_format_version: "3.0"\nservices: []\n')).toEqual({
      status: 201,
      body: {},
    })
    // Nothing matches any more: the connection is accepted and ended.
    expect(await talk(gateway.port, 'x')).toMatchObject({ received: '' })
    expect(await live.ask('still')).toBe('still')

    const second = await serveEcho()
    const { status, body } = await swap(gateway, documentFor(second.port))
    expect([status, Object.keys(body)]).toEqual([201, ['services', 'routes']])
    expect(Object.keys(body.routes)).toEqual([route.id])
    expect(await talk(gateway.port, 'y')).toMatchObject({ received: 'y' })
    expect(await live.ask('as ever')).toBe('as ever')
    expect((await gateway.admin('GET', '/status')).body).toMatchObject({
      configuration_hash: expect.stringMatching(/^[\da-f]{32}$/),
    })
    expect((await gateway.admin('GET', '/status')).body).not.toHaveProperty('database')
    expect(await gateway.admin('POST', '/services', { name: 'x', host: 'h' })).toMatchObject({
      status: 405,
      body: { code: 12, message: "cannot create 'services' entities when not using a database" },
    })
  },
)

test('ten thousand routes are loaded while connections go on, and one change touches one row', async () => {
  const echo = await serveEcho()
  const gateway = await startGateway({ settings: { database: 'off' } })
  const many = Array.from(
    { length: 10_000 },
    (_, n) => `- name: s${n}
  url: tcp://10.0.0.1:7000
  routes:
  - name: r${n}
    protocols: [tls]
    snis: [host-${n}.test]
`,
  )
  const document = documentFor(echo.port, '').replace('services:\n', `services:\n${many.join('')}`)
  await swap(gateway, documentFor(echo.port))
  const live = await hold(gateway.port)
  const state = { loading: true }
  const loading = swap(gateway, document).finally(() => (state.loading = false))
  let answered = 0
  for (; state.loading; answered++) expect(await live.ask('ping')).toBe('ping')
  expect([(await loading).status, answered > 10]).toEqual([201, true])
  expect(await talk(gateway.port, 'x')).toMatchObject({ received: 'x' })

  const config = async () => (await gateway.admin('GET', '/config')).body.config.split('\n')
  const before = await config()
  expect((await swap(gateway, document.replace('host-77.test', 'other.test'))).status).toBe(201)
  const after = await config()
  const changed = after.filter((line: string, at: number) => line !== before[at])
  // The time of the change may be the second in which the row was made.
  expect(changed.filter((line: string) => !line.includes('updated_at'))).toEqual(['  - other.test'])
  expect(changed.length).toBeLessThanOrEqual(2)
})

test('limits go on over a document that does not change them', async () => {
  const echo = await serveEcho()
  const limit = `plugins:
- name: rate-limiting
  config: {hour: 3}
`
  const gateway = await startGateway({ settings: { database: 'off' } })
  const received = async () => (await talk(gateway.port, 'x')).received
  expect((await swap(gateway, documentFor(echo.port, limit))).status).toBe(201)
  expect([await received(), await received()]).toEqual(['x', 'x'])
  expect((await swap(gateway, documentFor(echo.port, `_comment: again\n${limit}`))).status).toBe(
    201,
  )
  expect([await received(), await received()]).toEqual(['x', ''])
})

test('what is wrong changes nothing, neither does a plugin that does not start', async () => {
  const echo = await serveEcho()
  const gateway = await startGateway({ settings: { database: 'off' } })
  await swap(gateway, documentFor(echo.port))
  const { body: before } = await gateway.admin('GET', '/config')
  const bad = await swap(gateway, documentFor(echo.port, 'plugins:\n- name: nobody\n'))
  expect(bad).toMatchObject({
    status: 400,
    body: { code: 14, fields: { plugins: [{ name: expect.stringContaining('not enabled') }] } },
  })
  const log = 'plugins:\n- name: file-log\n  config: {path: /dev/null/nowhere.log}\n'
  expect((await swap(gateway, documentFor(echo.port, log))).status).toBe(400)
  expect((await gateway.admin('GET', '/config')).body).toEqual(before)
  expect(await talk(gateway.port, 'x')).toMatchObject({ received: 'x' })
})

test('the last document outlives a kill, times included, in a file for its owner alone', async () => {
  const echo = await serveEcho()
  const prefix = temporaryFolder()
  const settings = { database: 'off' }
  const gateway = await startGateway({ prefix, settings })
  await swap(gateway, documentFor(echo.port))
  const { body: config } = await gateway.admin('GET', '/config')
  const { body: status } = await gateway.admin('GET', '/status')
  expect(statSync(join(prefix, 'declarative.json')).mode & 0o777).toBe(0o600)
  expect(existsSync(join(prefix, 'kong.db'))).toBe(false)
  gateway.signal('SIGKILL')
  await gateway.exited

  const again = await startGateway({ prefix, settings })
  expect((await again.admin('GET', '/config')).body).toEqual(config)
  expect((await again.admin('GET', '/status')).body.configuration_hash).toBe(
    status.configuration_hash,
  )
  expect(await talk(again.port, 'x')).toMatchObject({ received: 'x' })
})

test('a reload reads the file again; a bad one leaves everything as it was', async () => {
  const echo = await serveEcho()
  const prefix = temporaryFolder()
  const file = writeDocument(prefix, documentFor(echo.port))
  const gateway = await startGateway({
    prefix,
    settings: { database: 'off', declarative_config: file },
  })
  const live = await hold(gateway.port)
  const reload = () => runCommand(['reload', '-p', prefix])

  writeDocument(prefix, documentFor(echo.port, 'consumers:\n- username: bob\n'))
  expect(await reload()).toMatchObject({ code: 0, output: expect.stringContaining('reloaded') })
  expect((await gateway.admin('GET', '/consumers/bob')).status).toBe(200)

  const { body: before } = await gateway.admin('GET', '/config')
  writeDocument(prefix, documentFor(echo.port).replace('127.0.0.0/8', '127.0.0.0/99'))
  const { code, output } = await reload()
  expect(code).toBe(1)
  for (const part of [
    file,
    "entry 1 of 'services'",
    "entry 1 of 'routes'",
    "'ip'",
    '127.0.0.0/99',
  ]) {
    expect(output).toContain(part)
  }
  expect((await gateway.admin('GET', '/config')).body).toEqual(before)
  expect(await talk(gateway.port, 'x')).toMatchObject({ received: 'x' })
  expect(await live.ask('x')).toBe('x')
})

test('a bad file keeps a node from starting, and says why', async () => {
  const prefix = temporaryFolder()
  const file = writeDocument(prefix, documentFor(70_000))
  const settings = { database: 'off', declarative_config: file }
  const { code, output } = await failToStart({ prefix, settings })
  expect(code).toBe(1)
  expect(output).toContain(`Error: error parsing declarative config file ${file}:`)
  expect(output).toMatch(/entry 1 of 'services':\s+in 'port': value should be between 0 and 65535/)
  // Nothing of it is left for a start without the file.
  expect(existsSync(join(prefix, 'declarative.json'))).toBe(false)
})

test('without a document a node starts, and is not ready', async () => {
  const status = join(temporaryFolder(), 'status.sock')
  const gateway = await startGateway({
    settings: { database: 'off', status_listen: `unix:${status}` },
  })
  const empty = await gateway.admin('GET', '/status/ready')
  expect(empty).toEqual({
    status: 503,
    body: { message: 'no configuration available (empty configuration present)' },
  })
  expect((await gateway.admin('GET', '/status')).body.configuration_hash).toBe('0'.repeat(32))
  expect(await isRefused(gateway.port)).toBe(false)
  await swap(gateway, '_format_version: "3.0"\nservices: []\n')
  expect(await gateway.admin('GET', '/status/ready')).toEqual({
    status: 200,
    body: { message: 'ready' },
  })
})

test('a document may come in the environment', async () => {
  const echo = await serveEcho()
  const gateway = await startGateway({
    settings: { database: 'off', declarative_config_string: documentFor(echo.port) },
  })
  expect(await talk(gateway.port, 'x')).toMatchObject({ received: 'x' })
  const { body } = await gateway.admin('GET', '/')
  expect(body.configuration.declarative_config_string).toBe('******')
})

test('a database moves house by files, while nodes run', async () => {
  const echo = await serveEcho()
  const folder = temporaryFolder()
  const one = await startGateway()
  await one.create('/services', { name: 'echo', url: `tcp://127.0.0.1:${echo.port}`, tags: ['ü'] })
  await one.create('/services/echo/routes', {
    protocols: ['tcp'],
    sources: [{ ip: '127.0.0.0/8' }],
  })
  const config = (...args: string[]) => runCommand(['config', ...args])
  const [a, b] = [join(folder, 'a.yml'), join(folder, 'b.yml')]
  expect(await config('db_export', a, '-p', one.prefix)).toMatchObject({ code: 0 })

  const other = await startGateway()
  expect(await config('db_import', a, '-p', other.prefix)).toMatchObject({ code: 0 })
  expect(await talk(other.port, 'x')).toMatchObject({ received: 'x' })
  expect(await config('db_export', b, '-p', other.prefix)).toMatchObject({ code: 0 })
  expect(readFileSync(b, 'utf8')).toBe(readFileSync(a, 'utf8'))

  const without = await startGateway({ settings: { database: 'off', declarative_config: a } })
  expect((await without.admin('GET', '/config')).body.config).toBe(readFileSync(a, 'utf8'))
})
