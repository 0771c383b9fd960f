import { createServer } from 'node:net'
import { join } from 'node:path'
import type { TLSSocket } from 'node:tls'
import { expect, onTestFinished, test } from 'vitest'
import { createSelfSigned } from '../../core/src/certificates/self-signed.ts'
import { startGateway, temporaryFolder } from './support/gateway.ts'
import { serve, serveEcho, serveTls, talk, talkTls } from './support/peers.ts'
import { follow, routeTo, startWithPlugins } from './support/with-plugins.ts'

const authority = (commonName: string) =>
  createSelfSigned({ key: 'ec', commonName, days: 1, ca: true })

/** A port on which nobody listens. */
async function closedPort(): Promise<number> {
  const { port, server } = await serve(() => undefined)
  await new Promise((resolve) => server.close(resolve))
  return port
}

async function tlsWorld(more: object = {}) {
  const [ca, stranger] = await Promise.all([authority('ca'), authority('stranger')])
  const leaf = await createSelfSigned({
    key: 'ec',
    commonName: 'localhost',
    names: ['localhost'],
    days: 1,
    issuer: ca,
  })
  const names: unknown[] = []
  const clients: unknown[] = []
  const server = await serveTls(
    { ...leaf, requestCert: true, ca: ca.cert, rejectUnauthorized: false },
    (socket) => {
      const { servername, authorized } = socket as TLSSocket
      names.push(servername)
      clients.push(authorized)
      socket.pipe(socket)
    },
  )
  const gateway = await startGateway()
  const trusted = await gateway.create('/ca_certificates', { cert: ca.cert })
  const other = await gateway.create('/ca_certificates', { cert: stranger.cert })
  await gateway.create('/services', {
    name: 'up',
    protocol: 'tls',
    host: 'localhost',
    port: server.port,
    retries: 0,
    ...more,
  })
  await gateway.create('/services/up/routes', {
    name: 'plain',
    protocols: ['tcp', 'tls'],
    sources: [{ ip: '127.0.0.0/8' }],
  })
  const change = async (fields: object) =>
    expect((await gateway.admin('PATCH', '/services/up', fields)).status).toBe(200)
  const lines = await follow(gateway)
  const last = async (count: number) => (await lines(count))[count - 1]
  return { gateway, last, ca, trusted, other, names, clients, change }
}

test('the certificate of an upstream is verified against the service’s list, its name and its depth', async () => {
  const { gateway, last, trusted, other, change } = await tlsWorld()
  const say = async () => (await talk(gateway.port, 'hi')).received
  expect(await say()).toBe('hi')
  await change({ tls_verify: true, ca_certificates: [trusted.id] })
  expect(await say()).toBe('hi')
  await change({ ca_certificates: [other.id, trusted.id], tls_verify_depth: 0 })
  expect(await say()).toBe('hi')
  await change({ ca_certificates: [other.id] })
  expect(await say()).toBe('')
  expect(await last(4)).toMatchObject({
    ending: 'upstream.tls.unverified',
    session: { status: 502 },
  })
  await change({ ca_certificates: null })
  expect(await say()).toBe('')
  await change({ ca_certificates: [trusted.id], host: '127.0.0.1' })
  expect(await say()).toBe('')
  expect(await last(6)).toMatchObject({ ending: 'upstream.tls.unverified' })
  await change({ tls_verify: false })
  expect(await say()).toBe('hi')
})

test('the upstream hears the service’s name, the client’s with preserve_host, and none for an address', async () => {
  const { gateway, names, change } = await tlsWorld()
  await talk(gateway.port, '')
  await gateway.admin('PATCH', '/routes/plain', { preserve_host: true })
  await talkTls(gateway.port, '', { servername: 'asked.example' })
  await talk(gateway.port, '')
  await change({ host: '127.0.0.1' })
  await talk(gateway.port, '')
  expect(names).toEqual(['localhost', 'asked.example', 'localhost', false])
})

test('a client certificate is shown to the upstream that asks', async () => {
  const { gateway, ca, clients, change } = await tlsWorld()
  await talk(gateway.port, '')
  const client = await createSelfSigned({ key: 'ec', commonName: 'gateway', days: 1, issuer: ca })
  const { id } = await gateway.create('/certificates', client)
  await change({ client_certificate: { id } })
  await talk(gateway.port, '')
  expect(clients).toEqual([false, true])
})

test('an upstream that is no TLS server, or says nothing, ends in its own way', async () => {
  const gateway = await startGateway()
  const lines = await follow(gateway)
  const plain = await serve((socket) => socket.end('220 hello\r\n'))
  const mute = await serve(() => undefined)
  await routeTo(gateway, plain.port, { protocol: 'tls', retries: 0, connect_timeout: 200 })
  await talk(gateway.port, '')
  await gateway.admin('PATCH', '/services/up', { port: mute.port })
  await talk(gateway.port, '')
  const endings = await lines(2)
  expect(endings.map(({ ending }) => ending)).toEqual([
    'upstream.tls.failed',
    'upstream.connect.timeout',
  ])
})

test.each([
  ['refuses', 'upstream.connect.refused', 502],
  ['resets at once', 'upstream.reset', 200],
  ['closes at once', 'upstream.closed', 200],
] as const)('an upstream that %s', async (how, ending, status) => {
  const gateway = await startGateway()
  const lines = await follow(gateway)
  const { port } = await serve((socket) =>
    how === 'resets at once' ? socket.resetAndDestroy() : socket.resume().end(),
  )
  await routeTo(gateway, how === 'refuses' ? await closedPort() : port)
  await talk(gateway.port, '', { halfClose: false })
  expect(await lines(1)).toMatchObject([
    { ending, session: { status }, tries: [{ ip: '127.0.0.1' }] },
  ])
})

test('balance is asked again without the failed target, and takes what is left', async () => {
  const gateway = await startWithPlugins({
    picky: `phases: {
      balance(conn) {
        conn.set(slot('asked'), [...(conn.get(slot('asked')) ?? []), conn.targets.length + '/' + conn.failed])
        return conn.targets.at(-1)
      },
      log: (summary, { log }) => log.warn({}, 'asked ' + summary.get(slot('asked')).join(' ')),
    },`,
  })
  const lines = await follow(gateway)
  // localhost is 127.0.0.1 and ::1; the upstream is on the first, the plugin prefers the last.
  const echo = await serveEcho()
  await routeTo(gateway, echo.port, { host: 'localhost' })
  await gateway.create('/plugins', { name: 'picky' })
  expect(await talk(gateway.port, 'hi')).toMatchObject({ received: 'hi' })
  const tries = (await lines(1))[0]?.tries ?? []
  expect(tries.at(-1)).toMatchObject({ ip: '127.0.0.1', port: echo.port })
  const expected = tries
    .map((_: unknown, failed: number) => `${tries.length - failed}/${failed}`)
    .join(' ')
  expect(gateway.output()).toContain(`asked ${expected}`)
})

test('a plugin that answers with a dead target of its own is asked once more for each retry', async () => {
  const gateway = await startWithPlugins({
    stubborn:
      "schema: { type: 'object', properties: { port: { type: 'integer' } }, required: ['port'] }, phases: { balance: (_conn, { config }) => ({ host: '127.0.0.1', port: config.port }) },",
  })
  const lines = await follow(gateway)
  const echo = await serveEcho()
  await routeTo(gateway, echo.port, { retries: 2 })
  const port = await closedPort()
  await gateway.create('/plugins', { name: 'stubborn', config: { port } })
  expect(await talk(gateway.port, 'hi')).toMatchObject({ received: '' })
  const [line] = await lines(1)
  expect(line).toMatchObject({ ending: 'upstream.connect.refused' })
  expect(line?.tries).toHaveLength(3)
  expect(line?.tries[2]).toMatchObject({
    port,
    state: 'failed',
    reason: 'upstream.connect.refused',
  })
})

test('a name that nobody knows is no upstream', async () => {
  const gateway = await startGateway()
  const lines = await follow(gateway)
  await routeTo(gateway, 1, { host: 'nowhere.invalid' })
  await talk(gateway.port, '')
  expect(await lines(1)).toMatchObject([
    { ending: 'upstream.dns.failed', session: { status: 503 }, tries: [] },
  ])
})

test('an upstream may be a unix socket, written as a url or as a host', async () => {
  const gateway = await startGateway()
  const lines = await follow(gateway)
  const path = join(temporaryFolder(), 'up.sock')
  const server = createServer({ allowHalfOpen: true }, (socket) => socket.pipe(socket))
  await new Promise<void>((resolve) => server.listen(path, resolve))
  onTestFinished(() => void server.close())
  await gateway.create('/services', { name: 'up', url: `unix:${path}` })
  await gateway.create('/services/up/routes', {
    protocols: ['tcp'],
    destinations: [{ port: gateway.port }],
  })
  expect(await talk(gateway.port, 'hi')).toEqual({ received: 'hi', how: 'end' })
  expect(
    (await gateway.admin('PATCH', '/services/up', { host: `unix:${path}.gone`, retries: 0 }))
      .status,
  ).toBe(200)
  expect(await talk(gateway.port, 'hi')).toMatchObject({ received: '' })
  const endings = await lines(2)
  expect(endings.map(({ ending }) => ending)).toEqual([
    'client.closed',
    'upstream.connect.unreachable',
  ])
})
