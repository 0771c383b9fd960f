import { renameSync, writeFileSync } from 'node:fs'
import { createServer as createHttps } from 'node:https'
import type { RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createSelfSigned } from '../../core/src/certificates/self-signed.ts'
import { startGateway, temporaryFolder, until, type RunningGateway } from './support/gateway.ts'
import { serveEcho, talk } from './support/peers.ts'
import { routeTo } from './support/with-plugins.ts'

/** A server of lists over TLS, whose answer can be exchanged. */
async function listServer() {
  const names = ['127.0.0.1', 'localhost']
  const pair = await createSelfSigned({ key: 'ec', commonName: 'lists', names, days: 1, ca: true })
  const state = { answer: serving('127.0.0.2\n'), requests: 0, unchanged: 0 }
  const server = createHttps({ cert: pair.cert, key: pair.key }, (request, response) => {
    state.requests += 1
    state.answer(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return { url: `https://127.0.0.1:${port}/list.txt`, ca: pair.cert, state }
}

/** As a good server does it: what a client has already is not sent again. */
function serving(text: string, heard: { unchanged: number } = { unchanged: 0 }): RequestListener {
  const etag = `"${Buffer.from(text).toString('hex')}"`
  return (request, response) => {
    const isKnown = request.headers['if-none-match'] === etag
    if (isKnown) heard.unchanged += 1
    if (isKnown) response.writeHead(304).end()
    else response.writeHead(200, { etag }).end(text)
  }
}

async function guarded(workers = '1', prefix = temporaryFolder()): Promise<RunningGateway> {
  const gateway = await startGateway({ prefix, settings: { worker_processes: workers } })
  await routeTo(gateway, (await serveEcho()).port)
  return gateway
}

const isLetIn = async ({ port }: RunningGateway, from: string): Promise<boolean> =>
  (await talk(port, 'hi', { from })).received === 'hi'

/** Whether all workers let exactly these of the three clients in, as far as a crowd of connections finds out. */
async function letsIn(gateway: RunningGateway, ...expected: boolean[]): Promise<boolean> {
  for (let count = 0; count < 6; count++) {
    const clients = ['127.0.0.2', '127.0.0.3', '127.0.0.4']
    const each = await Promise.all(clients.map((from) => isLetIn(gateway, from)))
    if (each.some((isIn, index) => isIn !== expected[index])) return false
  }
  return true
}

test('a list of a server that fails, lies, stalls and recovers, read once for two workers', async () => {
  const { url, ca, state } = await listServer()
  const gateway = await guarded('2')
  const config = { deny_from: [url], interval: 1, timeout: 500, tls_ca: ca }
  const enable = (changed: object) =>
    gateway.admin('POST', '/plugins', { name: 'ip-restriction', config: { ...config, ...changed } })

  const unverified = await enable({ tls_ca: null })
  expect(unverified).toMatchObject({ status: 400 })
  expect(JSON.stringify(unverified.body)).toMatch(/config\.deny_from.*self-signed certificate/)
  state.answer = (_request, response) => response.writeHead(503).end()
  const failed = await enable({})
  expect(failed).toMatchObject({ status: 400 })
  expect(JSON.stringify(failed.body)).toContain(
    `config.deny_from: ${url}: the server answered with status 503`,
  )
  expect(await letsIn(gateway, true, true, true)).toBe(true)

  state.answer = serving('127.0.0.2\n', state)
  state.requests = 0
  const { status, body } = await enable({})
  expect(status).toBe(201)
  expect(state.requests).toBe(1)
  expect(await letsIn(gateway, false, true, true)).toBe(true)
  await until(() => state.unchanged > 1)

  const logged = (text: string) => () => gateway.output().includes(text)
  state.answer = (_request, response) => response.socket?.destroy()
  await until(logged('the last good one stays in force'))
  state.answer = (_request, response) => response.writeHead(200).end('127.0.0.3\n<html>sorry')
  await until(logged("line 2: invalid ip or cidr range: '<html>sorry'"))
  state.answer = (_request, response) => void response.write('127.0.0.4\n')
  await until(logged('no whole answer within 500 ms'))
  expect(await letsIn(gateway, false, true, true)).toBe(true)
  for (const pid of await gateway.workers()) process.kill(pid, 'SIGKILL')
  await until(async () => (await gateway.workers()).length === 2)

  state.answer = serving('# two\n127.0.0.3\n127.0.0.4\n', state)
  await until(() => letsIn(gateway, true, false, false))

  expect((await gateway.admin('DELETE', `/plugins/${body.id}`)).status).toBe(204)
  expect(await letsIn(gateway, true, true, true)).toBe(true)
})

test('a node that starts while the server is away begins with the list that it has kept', async () => {
  const { url, ca, state } = await listServer()
  const [prefix, keep_in] = [temporaryFolder(), temporaryFolder()]
  const first = await guarded('1', prefix)
  const config = { deny_from: [url], tls_ca: ca, keep_in }
  await first.create('/plugins', { name: 'ip-restriction', config })
  first.signal('SIGTERM')
  expect(await first.exited).toBe(0)
  state.answer = (_request, response) => response.writeHead(503).end()
  const second = await startGateway({ prefix })
  const { body } = await second.admin('GET', '/routes/plain')
  const destinations = [{ port: second.port }]
  expect((await second.admin('PATCH', `/routes/${body.id}`, { destinations })).status).toBe(200)
  const clients = ['127.0.0.2', '127.0.0.3']
  const each = await Promise.all(clients.map((from) => isRefusedAsNotAllowed(second, from)))
  expect(each).toEqual([true, false])
  expect(second.output()).toContain('the last good one stays in force')
})

/** The services of the first node may be gone: what counts is who refuses. */
async function isRefusedAsNotAllowed(gateway: RunningGateway, from: string): Promise<boolean> {
  await talk(gateway.port, 'hi', { from })
  const ofClient = () => gateway.endings().find(({ client_ip }) => client_ip === from)
  await until(() => ofClient() !== undefined)
  return ofClient()?.['ending'] === 'plugin.ip-restriction.rejected'
}

test('a file that is replaced is followed, and one that is broken is not', async () => {
  const gateway = await guarded()
  const path = join(temporaryFolder(), 'allow.txt')
  const write = (text: string) => {
    writeFileSync(`${path}.new`, text)
    renameSync(`${path}.new`, path)
  }
  const plugin = { name: 'ip-restriction', config: { allow_from: [path], interval: 1 } }
  const missing = await gateway.admin('POST', '/plugins', plugin)
  expect(missing.status).toBe(400)
  expect(JSON.stringify(missing.body)).toContain(`config.allow_from: ${path}: ENOENT`)
  write('127.0.0.0/30\n')
  await gateway.create('/plugins', plugin)
  expect(await letsIn(gateway, true, true, false)).toBe(true)
  write('127.0.0.4\nbroken\n')
  await until(() => gateway.output().includes("line 2: invalid ip or cidr range: 'broken'"))
  expect(await letsIn(gateway, true, true, false)).toBe(true)
  write('["127.0.0.4"]')
  await until(() => letsIn(gateway, false, false, true))
})

test('a hundred thousand ranges, written into the configuration', async () => {
  const gateway = await guarded()
  const others = Array.from(
    { length: 100_000 },
    (_, n) => `2001:db8:${(n >> 8).toString(16)}:${n & 255}::/64`,
  )
  const config = { deny: [...others, '127.0.0.3'] }
  const { id } = await gateway.create('/plugins', { name: 'ip-restriction', config })
  expect(await letsIn(gateway, true, false, true)).toBe(true)
  expect((await gateway.admin('GET', `/plugins/${id}`)).body.config.deny).toHaveLength(100_001)
})
