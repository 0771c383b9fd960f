import { createSocket } from 'node:dgram'
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { createServer, type Server as HttpServer } from 'node:http'
import { createServer as createHttps } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createSelfSigned } from '../../core/src/certificates/self-signed.ts'
import { scrape } from './support/exposition.ts'
import {
  startGateway,
  temporaryFolder,
  until,
  type Json,
  type RunningGateway,
} from './support/gateway.ts'
import { serveEcho, serveTls, talk } from './support/peers.ts'
import { noRsyslog, startRsyslog } from './support/rsyslog.ts'
import { routeTo } from './support/with-plugins.ts'

async function gatewayBeforeEcho(settings: Record<string, string> = {}): Promise<RunningGateway> {
  const gateway = await startGateway({ settings })
  await routeTo(gateway, (await serveEcho()).port)
  return gateway
}

function enable(gateway: RunningGateway, name: string, config: object): Promise<Json> {
  return gateway.create('/plugins', { name, config })
}

const identity = () => createSelfSigned({ key: 'ec', commonName: 'localhost', days: 1 })

test.skipIf(noRsyslog)('rsyslog understands what it is told over udp, tcp and tls', async () => {
  const { cert, key } = await identity()
  const rsyslog = await startRsyslog({ cert, key })
  const gateway = await gatewayBeforeEcho()
  const base = { facility: 'local3', server_errors_severity: 'err' }
  const { id } = await enable(gateway, 'syslog', { ...base, port: rsyslog.ports.udp })
  const ways = [
    { protocol: 'tcp', port: rsyslog.ports.tcp },
    { protocol: 'tls', port: rsyslog.ports.tls, tls_ca: cert, tls_sni: 'localhost' },
  ]
  await talk(gateway.port, 'one')
  await rsyslog.messages(1)
  for (const [index, way] of ways.entries()) {
    const answer = await gateway.admin('PATCH', `/plugins/${id}`, { config: way })
    expect(answer.status).toBe(200)
    await talk(gateway.port, 'one')
    await rsyslog.messages(index + 2)
  }
  await gateway.admin('PATCH', '/services/up', { port: 1 })
  await talk(gateway.port, 'one')
  const messages = await rsyslog.messages(4)
  const workers = (await gateway.workers()).map(String)
  expect(messages).toMatchObject(
    ['info', 'info', 'info', 'err'].map((severity) => ({
      priority: `local3.${severity}`,
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:]{8}\.\d{3}Z$/) as string,
      app: 'kong',
      id: 'connection',
      data: '-',
    })),
  )
  expect(workers).toContain(messages[0]?.process)
  expect(messages.map(({ text }) => JSON.parse(text) as unknown)).toMatchObject([
    ...[3, 3, 3].map((received) => ({
      session: { received, status: 200 },
      client_ip: '127.0.0.1',
    })),
    { session: { status: 502 }, ending: 'upstream.connect.refused' },
  ])
})

test('what an http sink refuses, stalls or lies about arrives once it takes it', async () => {
  const bodies: Json[] = []
  let attempts = 0
  const sink = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => (body += String(chunk)))
    request.on('end', () => {
      attempts += 1
      if (attempts === 1) response.writeHead(500).end('no')
      else if (attempts === 2) response.socket?.resetAndDestroy()
      else if (attempts === 3) response.writeHead(302, { location: '/elsewhere' }).end()
      else if (attempts === 4) response.socket?.end('not HTTP at all\r\n')
      // The fifth is never answered.
      else if (attempts > 5) {
        bodies.push(JSON.parse(body))
        response.end('taken')
      }
    })
  })
  const port = await listen(sink)
  const gateway = await gatewayBeforeEcho()
  await enable(gateway, 'http-log', {
    http_endpoint: `http://user:hidden-word@127.0.0.1:${port}/in?key=hidden-key`,
    headers: { 'X-Key': 'hidden-header' },
    timeout: 1000,
    queue: { max_batch_size: 3, max_coalescing_delay: 0.2 },
    custom_fields: { env: "'test'", client_ip: 'null', 'route.name': 'route.name + "!"' },
  })
  for (const say of ['a', 'bb', 'ccc']) await talk(gateway.port, say)
  await until(
    () => new Set(bodies.flat().map(({ client_port }) => client_port)).size === 3,
    () => gateway.output(),
  )
  const records: Json[] = bodies.flat()
  expect(records.map(({ session }) => session.received)).toEqual(expect.arrayContaining([1, 2, 3]))
  for (const record of records) {
    expect(record).toMatchObject({ env: 'test', route: { name: 'plain!' } })
    expect(record).not.toHaveProperty('client_ip')
  }
  expect(gateway.output()).toContain('cannot deliver; trying again for 60 s')
  expect(gateway.output()).not.toContain('hidden')
})

test('a sink that is away costs what does not fit, and says how much that was', async () => {
  const reserved = createServer()
  const port = await listen(reserved)
  await new Promise((resolve) => reserved.close(resolve))
  const gateway = await gatewayBeforeEcho({ worker_processes: '2' })
  await enable(gateway, 'http-log', {
    http_endpoint: `http://127.0.0.1:${port}/`,
    queue: { max_entries: 5, max_retry_delay: 0.2, max_retry_time: 3600 },
  })
  const total = 60
  const said = await Promise.all(Array.from({ length: total }, () => talk(gateway.port, 'hi')))
  expect(said.every(({ received }) => received === 'hi')).toBe(true)
  // Clients are done a moment before their connections are logged.
  await until(async () => (await figures(gateway)).failed > 0)
  let taken = 0
  const sink = createServer((request, response) => {
    request.resume().on('end', () => {
      taken += 1
      response.end()
    })
  })
  await listen(sink, port)
  const dropped = (): number => droppedBy(gateway)
  await until(
    () => taken + dropped() === total,
    () => `${taken} taken, ${dropped()} dropped:\n${gateway.output()}`,
  )
  expect(taken).toBeGreaterThan(0)
  // Each of two workers keeps five, and one is on its way.
  expect(taken).toBeLessThanOrEqual(12)
  await until(
    async () => (await figures(gateway)).sent + (await figures(gateway)).dropped === total,
  )
  expect(await figures(gateway)).toMatchObject({ sent: taken, dropped: dropped(), waiting: 0 })
})

test('what still waits when the gateway stops is told as lost', async () => {
  const reserved = createServer()
  const port = await listen(reserved)
  await new Promise((resolve) => reserved.close(resolve))
  const gateway = await gatewayBeforeEcho({ worker_processes: '2' })
  await enable(gateway, 'tcp-log', { host: '127.0.0.1', port })
  await enable(gateway, 'http-log', { http_endpoint: `http://127.0.0.1:${port}/` })
  for (let count = 0; count < 5; count++) await talk(gateway.port, 'hi')
  gateway.signal('SIGTERM')
  expect(await gateway.exited).toBe(0)
  expect(droppedBy(gateway)).toBe(10)
  expect(gateway.output()).toContain('dropped: not delivered before the end')
})

/** What the log says that plugins have dropped. */
function droppedBy(gateway: RunningGateway): number {
  return gateway
    .output()
    .split('\n')
    .filter((line) => line.includes('"dropped"'))
    .reduce((sum, line) => sum + Number(JSON.parse(line).dropped), 0)
}

/** What `/metrics` says of all entries, on all workers. */
async function figures(gateway: RunningGateway) {
  const families = await scrape(gateway.adminPort)
  const sumOf = (name: string): number =>
    (families.get(name)?.samples ?? []).reduce((sum, { value }) => sum + value, 0)
  return {
    sent: sumOf('kong_log_sent_entries_total'),
    dropped: sumOf('kong_log_dropped_entries_total'),
    waiting: sumOf('kong_log_waiting_entries'),
    failed: sumOf('kong_log_failed_deliveries_total'),
  }
}

test('a connection is one datagram', async () => {
  const socket = createSocket('udp4')
  const datagrams: string[] = []
  socket.on('message', (message) => datagrams.push(String(message)))
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
  onTestFinished(() => void socket.close())
  const gateway = await gatewayBeforeEcho()
  await enable(gateway, 'udp-log', { host: 'localhost', port: socket.address().port })
  await talk(gateway.port, 'hello')
  await until(
    () => datagrams.length === 1,
    () => gateway.output(),
  )
  expect(datagrams[0]).toMatch(/^\{.*\}$/)
  expect(JSON.parse(datagrams[0]!)).toMatchObject({ session: { received: 5 }, revision: 3 })
})

test('a TLS log server with an unknown authority is told nothing until it is known', async () => {
  const { cert, key } = await identity()
  let text = ''
  const { port } = await serveTls({ cert, key }, (socket) => {
    socket.on('data', (chunk) => (text += String(chunk)))
  })
  const gateway = await gatewayBeforeEcho()
  const config = { host: '127.0.0.1', port, tls: true, tls_sni: 'localhost' }
  const { id } = await enable(gateway, 'tcp-log', config)
  await talk(gateway.port, 'secret')
  await until(() => /self-signed certificate/.test(gateway.output()))
  expect(text).toBe('')
  const change = await gateway.admin('PATCH', `/plugins/${id}`, { config: { tls_ca: cert } })
  expect(change.status).toBe(200)
  await talk(gateway.port, 'known')
  await until(
    () => text.includes('\n'),
    () => gateway.output(),
  )
  expect(JSON.parse(text.split('\n')[0]!)).toMatchObject({ session: { received: 5 } })
})

test('servers of logs are verified by trusted_certificate, and by their names', async () => {
  const { cert, key } = await identity()
  const path = join(temporaryFolder(), 'ca.pem')
  writeFileSync(path, cert)
  const gateway = await gatewayBeforeEcho({ trusted_certificate: path })
  let text = ''
  const { port } = await serveTls({ cert, key }, (socket) => {
    socket.on('data', (chunk) => (text += String(chunk)))
  })
  const sink = createHttps({ cert, key }, (request, response) => {
    request.on('data', (chunk) => (text += String(chunk))).on('end', () => response.end())
  })
  const httpPort = await listen(sink)
  const { id } = await enable(gateway, 'tcp-log', { host: '127.0.0.1', port, tls: true })
  await enable(gateway, 'syslog', { port, protocol: 'tls', tls_sni: 'localhost' })
  await enable(gateway, 'http-log', { http_endpoint: `https://localhost:${httpPort}/` })
  await talk(gateway.port, 'three')
  // The certificate is that of a name, not of an address.
  await until(() => /127\.0\.0\.1:\d+: Hostname\/IP does not match/.test(gateway.output()))
  const records = (): number => text.match(/"received":5/g)?.length ?? 0
  await until(() => records() >= 2)
  const config = { tls_sni: 'localhost' }
  expect((await gateway.admin('PATCH', `/plugins/${id}`, { config })).status).toBe(200)
  await talk(gateway.port, 'three')
  await until(
    () => text.includes('}\n'),
    () => gateway.output(),
  )
})

test('a log file may be the output of the gateway, also where that is a socket', async () => {
  const gateway = await gatewayBeforeEcho()
  await enable(gateway, 'file-log', {
    path: '/dev/stdout',
    custom_fields: { mark: "'in the output'" },
  })
  await talk(gateway.port, 'one')
  const lines = () => gateway.output().match(/^\{"route".*"mark":"in the output"\}$/gm)
  await until(() => lines() !== null)
  expect(lines()).toHaveLength(1)
})

test('a log file that is moved away is left alone, without a signal', async () => {
  const path = join(temporaryFolder(), 'connections.log')
  const gateway = await gatewayBeforeEcho()
  await enable(gateway, 'file-log', { path })
  const lines = (from: string): string[] =>
    existsSync(from) ? readFileSync(from, 'utf8').split('\n').slice(0, -1) : []
  await talk(gateway.port, 'one')
  await until(() => lines(path).length === 1)
  renameSync(path, `${path}.1`)
  let count = 1
  while (lines(path).length === 0) {
    await talk(gateway.port, 'more')
    count += 1
    await until(() => lines(path).length + lines(`${path}.1`).length === count)
  }
  const moved = lines(`${path}.1`).length
  await talk(gateway.port, 'more')
  await until(() => lines(path).length === 2)
  expect(lines(`${path}.1`)).toHaveLength(moved)
})

test('a mistake in a custom field is refused by its name', async () => {
  const gateway = await startGateway()
  const answer = await gateway.admin('POST', '/plugins', {
    name: 'file-log',
    config: { path: '/tmp/x.log', custom_fields: { good: 'client_ip', bad: 'client_ip +' } },
  })
  expect(answer).toMatchObject({
    status: 400,
    body: {
      message: expect.stringContaining('config.custom_fields.bad: not an expression') as string,
      fields: { config: { custom_fields: { bad: expect.any(String) as string } } },
    },
  })
})

async function listen(server: HttpServer, port = 0): Promise<number> {
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return (server.address() as AddressInfo).port
}
