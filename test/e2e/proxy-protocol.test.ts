import { connect } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { captureNode } from '../../core/src/routing/hello.fixture.ts'
import { failToStart, inOrder, startGateway, temporaryFolder, until } from './support/gateway.ts'
import { hear, serve, serveEcho, talk, talkTls } from './support/peers.ts'
import { startWithPlugins, type Sources } from './support/with-plugins.ts'

const settings = { stream_listen: '127.0.0.1:0 proxy_protocol', trusted_ips: '127.0.0.0/8' }
const line = 'PROXY TCP4 192.0.2.7 198.51.100.1 4711 443\r\n'

/** Version 2 for the same client, with these TLVs. */
function binary(...tlvs: readonly (readonly [type: number, value: string])[]): Buffer {
  const values = tlvs.map(([type, value]) =>
    Buffer.concat([Buffer.from([type, 0, value.length]), Buffer.from(value)]),
  )
  const rest = Buffer.concat([Buffer.from('c0000207c6336401126701bb', 'hex'), ...values])
  const start = Buffer.from('0d0a0d0a000d0a515549540a21110000', 'hex')
  start.writeUInt16BE(rest.length, 14)
  return Buffer.concat([start, rest])
}

/** A gateway that expects PROXY headers, with a route of each kind to an echo service. */
async function receiving(more: Record<string, string> = {}, sources: Sources = {}) {
  const gateway = await startWithPlugins(sources, { settings: { ...settings, ...more } })
  const echo = await serveEcho()
  await gateway.create('/services', { name: 'echo', url: `tcp://127.0.0.1:${echo.port}` })
  const route = (name: string, fields: object) =>
    gateway.create('/services/echo/routes', { name, protocols: ['tcp'], ...fields })
  await route('plain', { sources: [{ ip: '192.0.2.0/24' }, { ip: '127.0.0.1' }] })
  const last = async (count = 1) => {
    await until(() => gateway.endings().length >= count, gateway.output)
    return inOrder(gateway.endings())[count - 1]
  }
  return { gateway, echo, route, last }
}

test.each(['1', '2'])('with %s workers the client is the one in the header', async (workers) => {
  const { gateway, last } = await receiving({ worker_processes: workers })
  await gateway.create('/plugins', { name: 'ip-restriction', config: { allow: ['192.0.2.7'] } })
  const { port } = gateway
  expect(await talk(port, `${line}hello`)).toEqual({ received: 'hello', how: 'end' })
  expect(await last()).toMatchObject({
    ending: 'client.closed',
    client_ip: '192.0.2.7',
    client_port: 4711,
    peer_ip: '127.0.0.1',
    server_port: port,
    route: { name: 'plain' },
    // The header is not the client's.
    received: 5,
  })
  const { received } = await talk(port, Buffer.concat([binary(), Buffer.from(line)]))
  expect(received).toBe(line)
  expect(await talk(port, `${line.replace('.7 ', '.8 ')}hello`)).toMatchObject({ received: '' })
  expect(await last(3)).toMatchObject({
    ending: 'plugin.ip-restriction.rejected',
    client_ip: '192.0.2.8',
  })
})

test.each([
  ['LOCAL', Buffer.from('0d0a0d0a000d0a515549540a20000000', 'hex')],
  ['UNKNOWN', Buffer.from('PROXY UNKNOWN\r\n')],
])('%s leaves the client as it is', async (_, header) => {
  const { gateway, last } = await receiving()
  expect(await talk(gateway.port, Buffer.concat([header, Buffer.from('x')]))).toMatchObject({
    received: 'x',
  })
  expect(await last()).toMatchObject({ client_ip: '127.0.0.1', peer_ip: '127.0.0.1' })
})

test('a header that comes byte by byte, then a server that speaks first', async () => {
  const { gateway, route, last } = await receiving()
  const heard: unknown[] = []
  const server = await serve((socket) => {
    heard.push('accepted')
    socket.end('220 welcome\r\n')
  })
  await gateway.create('/services', { name: 'first', url: `tcp://127.0.0.1:${server.port}` })
  await gateway.admin('DELETE', '/routes/plain')
  // That a TLS route is possible, too, makes the gateway wait for a while after the header.
  await route('tls', { protocols: ['tls'], snis: ['a.example'] })
  await gateway.create('/services/first/routes', {
    protocols: ['tcp'],
    sources: [{ ip: '192.0.2.7' }],
  })
  const socket = connect({ port: gateway.port, host: '127.0.0.1', noDelay: true })
  const talked = hear(socket)
  for (const byte of line) {
    expect(heard).toEqual([])
    socket.write(byte)
    await new Promise((resolve) => setImmediate(resolve))
  }
  expect(await talked).toEqual({ received: '220 welcome\r\n', how: 'end' })
  expect(await last()).toMatchObject({ client_ip: '192.0.2.7' })
})

test('the header and the ClientHello in one packet: TLS that ends here, and TLS that does not', async () => {
  const { gateway, route, last } = await receiving()
  await route('ends', { protocols: ['tls'], snis: ['ends.example'] })
  await route('passes', { protocols: ['tls_passthrough'], snis: ['passes.example'] })
  const socket = connect({ port: gateway.port, host: '127.0.0.1' })
  socket.write(binary([2, 'other.example']))
  const received = await talkTls(0, 'over TLS', { socket, servername: 'ends.example' })
  expect(received).toMatchObject({ received: 'over TLS' })
  expect(await last()).toMatchObject({ client_ip: '192.0.2.7', route: { name: 'ends' } })

  const hello = await captureNode({ servername: 'passes.example' })
  const together = Buffer.concat([binary(), hello])
  expect((await talk(gateway.port, together)).received).toBe(Buffer.from(hello).toString('latin1'))
  expect(await last(2)).toMatchObject({ client_ip: '192.0.2.7', route: { name: 'passes' } })
})

test('routes match the source of the header and the address of the listener', async () => {
  const { gateway, route, last } = await receiving()
  await route('told', { destinations: [{ port: 443 }], sources: [{ ip: '192.0.2.7' }] })
  await talk(gateway.port, `${line}x`)
  expect(await last()).toMatchObject({ route: { name: 'plain' } })
  await route('own', { destinations: [{ port: gateway.port }], sources: [{ ip: '192.0.2.7' }] })
  await talk(gateway.port, `${line}x`)
  expect(await last(2)).toMatchObject({ route: { name: 'own' } })
})

const x = (count: number) => 'x'.repeat(count)

test.each([
  ['malformed', 'a bad port', 'PROXY TCP4 1.2.3.4 1.2.3.4 1 99999\r\n'],
  ['malformed', 'a megabyte', x(1_000_000)],
  ['malformed', 'a long line', `PROXY UNKNOWN ${x(94)}`],
  ['malformed', 'HTTP', 'GET / HTTP/1.1\r\n\r\n'],
  ['malformed', 'version 3', Buffer.from('0d0a0d0a000d0a515549540a31110000', 'hex')],
  ['malformed', 'a length of 65535', Buffer.from('0d0a0d0a000d0a515549540a2111ffff', 'hex')],
  ['closed', 'nothing', ''],
  ['closed', 'no LF', line.slice(0, -1)],
  ['closed', 'half of version 2', binary().subarray(0, 20)],
])('%s: %s', async (cause, _, said) => {
  const { gateway, echo, last } = await receiving()
  expect((await talk(gateway.port, said)).received).toBe('')
  expect(await last()).toMatchObject({
    ending: `client.proxy.${cause}`,
    client_ip: '127.0.0.1',
    status: 400,
  })
  expect(echo.live.size).toBe(0)
})

test('a ClientHello where a header is expected, and a header where none is', async () => {
  const hello = await captureNode({ servername: 'a.example' })
  const { gateway, last } = await receiving()
  expect(await talk(gateway.port, hello)).toMatchObject({ received: '' })
  expect(await last()).toMatchObject({
    ending: 'client.proxy.malformed',
    reason: expect.stringMatching(/^it begins with 0x1603/),
  })
  const other = await receiving({ stream_listen: '127.0.0.1:0' })
  expect(await talk(other.gateway.port, line)).toMatchObject({ received: line })
  expect(await other.last()).not.toHaveProperty('peer_ip')
})

test.each([
  ['silence', ''],
  ['a trickle', 'PROXY UNKNOWN '],
])('a header has one deadline: %s', async (_, said) => {
  const { gateway, last } = await receiving({ proxy_protocol_timeout: '300ms' })
  const socket = connect(gateway.port, '127.0.0.1')
  const heard = hear(socket)
  if (said !== '') socket.write(said)
  const drip = setInterval(() => said !== '' && socket.write(' '), 100)
  onTestFinished(() => clearInterval(drip))
  expect(await heard).toMatchObject({ received: '' })
  expect(await last()).toMatchObject({ ending: 'client.proxy.timeout', status: 400 })
})

test('a reset before the header is there is only that', async () => {
  const { gateway, last } = await receiving()
  const socket = connect(gateway.port, '127.0.0.1')
  socket.write('PROXY')
  await until(async () => {
    const { body } = await gateway.admin('GET', '/status')
    return body.server.connections_active === 1
  })
  socket.resetAndDestroy()
  expect(await last()).toMatchObject({ ending: 'client.reset' })
})

test('who has not sent a header yet counts towards max_connections', async () => {
  const { gateway } = await receiving({ max_connections: '1', proxy_protocol_timeout: '1m' })
  const waiting = connect(gateway.port, '127.0.0.1')
  waiting.write('PROXY')
  await until(async () => {
    const { received, how } = await talk(gateway.port, `${line}x`)
    return received === '' && how === 'end'
  })
  waiting.destroy()
  await until(
    () => gateway.endings().some(({ ending }) => ending === 'gateway.max_connections'),
    gateway.output,
  )
  await until(async () => (await talk(gateway.port, `${line}x`)).received === 'x')
  expect(gateway.endings().map(({ status }) => status)).toContain(503)
})

test('a plugin sees all that the header told', async () => {
  const tell = `phases: { accept: ({ client, listener, proxy }) => {
    const others = proxy.tlvs.others.map(({ type, value }) => [type, String(Buffer.from(value))])
    return reject('told', JSON.stringify({ client, proxy: { ...proxy, tlvs: { ...proxy.tlvs, others } } }))
  } }`
  const { gateway } = await receiving({}, { tell })
  await gateway.create('/plugins', { name: 'tell' })
  const header = binary([1, 'h2'], [2, 'a.example'], [0x30, 'blue'], [0xe4, 'x'], [0x41, 'y'])
  const { received } = await talk(gateway.port, header)
  expect(JSON.parse(received)).toEqual({
    client: { address: '192.0.2.7', port: 4711 },
    proxy: {
      version: 2,
      peer: { address: '127.0.0.1', port: expect.any(Number) },
      destination: { address: '198.51.100.1', port: 443 },
      tlvs: {
        alpn: 'h2',
        authority: 'a.example',
        namespace: 'blue',
        others: [
          [0xe4, 'x'],
          [0x41, 'y'],
        ],
      },
    },
  })
})

const missing = /'127\.0\.0\.1:0 proxy_protocol' needs trusted_ips/

test('without trusted_ips it does not start, and does not reload', async () => {
  const { code, output } = await failToStart({
    settings: { stream_listen: settings.stream_listen, admin_listen: '127.0.0.1:0' },
  })
  expect(code).not.toBe(0)
  expect(output).toMatch(missing)
  const gateway = await startGateway({ conf: { stream_listen: '127.0.0.1:0' } })
  gateway.configure({ stream_listen: settings.stream_listen })
  const told = await gateway.reload()
  expect(told['msg']).toMatch(/^not reloaded/)
  expect(told['error']).toMatch(missing)
})

test.each(['1', '2'])('with %s workers a reload brings headers, and ends them', async (workers) => {
  const conf = { stream_listen: '127.0.0.1:0', worker_processes: workers }
  const gateway = await startGateway({ conf })
  const echo = await serveEcho()
  await gateway.create('/services', { name: 'echo', url: `tcp://127.0.0.1:${echo.port}` })
  const sources = [{ ip: '0.0.0.0/0' }]
  await gateway.create('/services/echo/routes', { protocols: ['tcp'], sources })
  // Workers that are on their way out may still take a connection or two.
  const hears = (text: string) =>
    until(async () => (await talk(gateway.port, `${line}x`)).received === text)
  await hears(`${line}x`)
  gateway.configure({ ...conf, ...settings })
  expect(await gateway.reload()).toMatchObject({ msg: 'reloaded' })
  await hears('x')
  const { body } = await gateway.admin('GET', '/')
  expect(body.configuration.stream_listeners).toMatchObject([{ proxy_protocol: true }])
  gateway.configure(conf)
  expect(await gateway.reload()).toMatchObject({ msg: 'reloaded' })
  await hears(`${line}x`)
})

test('nobody else is believed, and nothing of what he says is read', async () => {
  const { gateway, echo, last } = await receiving({ trusted_ips: '127.0.0.9, unix:' })
  expect(await talk(gateway.port, `${line}x`)).toMatchObject({ received: '' })
  expect(await last()).toMatchObject({
    ending: 'client.proxy.untrusted',
    reason: '127.0.0.1 is not among trusted_ips',
    client_ip: '127.0.0.1',
    status: 403,
  })
  expect(echo.live.size).toBe(0)
  expect(await talk(gateway.port, `${line}x`, { from: '127.0.0.9' })).toMatchObject({
    received: 'x',
  })
})

test('through a unix socket', async () => {
  const path = `${temporaryFolder()}/in.sock`
  const { last } = await receiving({
    stream_listen: `unix:${path} proxy_protocol`,
    trusted_ips: 'unix:',
  })
  const socket = connect(path)
  socket.end(`${line}x`)
  expect(await hear(socket)).toMatchObject({ received: 'x' })
  expect(await last()).toMatchObject({ client_ip: '192.0.2.7', peer_ip: 'unix:' })
})
