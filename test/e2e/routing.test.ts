import { connect } from 'node:net'
import { expect, test } from 'vitest'
import {
  ascii,
  hello,
  helloMessage,
  records,
  serverName,
} from '../../core/src/routing/hello.fixture.ts'
import { startGateway, until, type RunningGateway } from './support/gateway.ts'
import { hear, serve, serveEcho, talk, talkTls } from './support/peers.ts'
import { follow, routeTo } from './support/with-plugins.ts'

/** A service and an upstream that says the service's name and ends. */
async function nameSayer(gateway: RunningGateway, name: string): Promise<void> {
  const { port } = await serve((socket) => socket.resume().end(name))
  await gateway.create('/services', { name, url: `tcp://127.0.0.1:${port}` })
}

test('routes by sources, destinations and names; a change is followed at once', async () => {
  const gateway = await startGateway({ settings: { stream_listen: '127.0.0.1:0, 127.0.0.1:0' } })
  for (const name of ['by-source', 'by-port', 'by-name', 'left', 'right', 'other'])
    await nameSayer(gateway, name)
  const route = (service: string, body: object) =>
    gateway.create(`/services/${service}/routes`, { name: service, ...body })
  await route('by-source', {
    protocols: ['tcp'],
    sources: [{ ip: '127.0.0.0/30' }],
    destinations: [{ port: gateway.port }],
  })
  await route('by-port', { protocols: ['tcp'], destinations: [{ port: gateway.port }] })
  await route('by-name', { protocols: ['tls'], snis: ['a.example.com'] })
  await route('left', { protocols: ['tls'], snis: ['*.example.com'] })
  await route('right', { protocols: ['tls'], snis: ['example.*'] })

  expect(await talk(gateway.port, 'x', { from: '127.0.0.2' })).toMatchObject({
    received: 'by-source',
  })
  expect(await talk(gateway.port, 'x', { from: '127.0.0.9' })).toMatchObject({
    received: 'by-port',
  })
  const named = async (servername: string) =>
    (await talkTls(gateway.port, 'x', { servername })).received
  expect(await named('A.Example.com')).toBe('by-name')
  expect(await named('b.example.com')).toBe('left')
  expect(await named('example.org')).toBe('right')

  await gateway.admin('PATCH', '/routes/by-name', { service: { name: 'other' } })
  expect(await named('a.example.com')).toBe('other')
  await gateway.admin('PATCH', '/services/other', { enabled: false })
  expect(await named('a.example.com')).toBe('left')
  await gateway.admin('DELETE', '/routes/by-source')
  expect(await talk(gateway.port, 'x', { from: '127.0.0.2' })).toMatchObject({
    received: 'by-port',
  })
})

test('a ClientHello in pieces, of packets or of records, is routed as the whole one is and arrives unchanged', async () => {
  const gateway = await startGateway()
  const lines = await follow(gateway)
  const echo = await serveEcho()
  await gateway.create('/services', { name: 'echo', url: `tcp://127.0.0.1:${echo.port}` })
  await gateway.create('/services/echo/routes', {
    name: 'passes',
    protocols: ['tls_passthrough'],
    snis: ['split.example'],
  })
  const message = helloMessage({ extensions: [serverName('split.example')] })
  const bytes = (cuts: number[]) => Buffer.from(records(message, cuts))
  const offsets = [1, 3, 4, 5, 38, 45, message.length - 1]
  const whole = [
    [],
    ...offsets.map((cut) => [cut]),
    offsets,
    Array.from({ length: message.length }, (_, at) => at),
  ].map(bytes)
  for (const said of whole) {
    expect(await talk(gateway.port, said)).toEqual({
      received: said.toString('latin1'),
      how: 'end',
    })
  }

  const socket = connect({
    port: gateway.port,
    host: '127.0.0.1',
    noDelay: true,
    allowHalfOpen: true,
  })
  const heard = hear(socket)
  const slow = bytes([9])
  for (const byte of slow) {
    socket.write(Uint8Array.of(byte))
    await new Promise((resolve) => setImmediate(resolve))
  }
  socket.end()
  expect(await heard).toEqual({ received: slow.toString('latin1'), how: 'end' })
  const endings = await lines(whole.length + 1)
  expect(new Set(endings.map(({ route, sni }) => `${route.name} ${sni}`))).toEqual(
    new Set(['passes split.example']),
  )
})

const named = hello({ extensions: [serverName('a.example')] })
const inPieces = Buffer.from(named)

test.each([
  ['half a ClientHello, then the end', inPieces.subarray(0, 40), 'client.preread.closed'],
  [
    'a record of another handshake message',
    Uint8Array.from([0x16, 3, 1, 0, 4, 2, 0, 0, 0]),
    'client.preread.malformed',
  ],
  ['an empty record', Uint8Array.from([0x16, 3, 1, 0, 0]), 'client.preread.malformed'],
  [
    'a record that is too long',
    Uint8Array.from([0x16, 3, 1, 0xff, 0xff]),
    'client.preread.malformed',
  ],
  [
    'two names',
    hello({ extensions: [serverName('a.example', 'b.example')] }),
    'client.preread.malformed',
  ],
  [
    'the name twice',
    hello({ extensions: [serverName('a.example'), serverName('b.example')] }),
    'client.preread.malformed',
  ],
  [
    'a name with a NUL',
    hello({ extensions: [serverName('a.example\0')] }),
    'client.preread.malformed',
  ],
  [
    'a larger hello than the buffer',
    hello({ extensions: [[21, Array.from({ length: 2000 }, () => 0)]] }),
    'client.preread.too_large',
  ],
  [
    'a name that no route has',
    hello({ extensions: [serverName('b.example')] }),
    'gateway.route.none',
  ],
  ['no name', hello(), 'gateway.route.none'],
  ['plain text', Uint8Array.from(ascii('GET / HTTP/1.1\r\n')), 'gateway.route.none'],
  ['nothing, then the end', new Uint8Array(), 'client.preread.closed'],
])('%s fails closed where only TLS is routed', async (_what, said, ending) => {
  const gateway = await startGateway({ settings: { preread_buffer_size: '1k' } })
  const lines = await follow(gateway)
  await nameSayer(gateway, 'tls')
  await gateway.create('/services/tls/routes', { protocols: ['tls'], snis: ['a.example'] })
  expect((await talk(gateway.port, said)).received).toBe('')
  expect(await lines(1)).toMatchObject([{ ending }])
})

test('without any route a connection is closed, with a route that leads nowhere too', async () => {
  const gateway = await startGateway()
  const lines = await follow(gateway)
  expect(await talk(gateway.port, '')).toEqual({ received: '', how: 'end' })
  await gateway.create('/routes', {
    name: 'nowhere',
    protocols: ['tcp'],
    destinations: [{ port: gateway.port }],
  })
  expect(await talk(gateway.port, '')).toEqual({ received: '', how: 'end' })
  const endings = await lines(2)
  expect(endings.map(({ ending, session }) => [ending, session.status])).toEqual([
    ['gateway.route.none', 500],
    ['gateway.service.none', 503],
  ])
})

test('who says nothing, or one byte at a time, is closed at the total deadline', async () => {
  const gateway = await startGateway({ settings: { preread_timeout: '300ms' } })
  const lines = await follow(gateway)
  await nameSayer(gateway, 'tls')
  await gateway.create('/services/tls/routes', { protocols: ['tls'], snis: ['a.example'] })
  const silent = hear(connect({ port: gateway.port, host: '127.0.0.1' }))
  const dripping = connect({ port: gateway.port, host: '127.0.0.1' })
  const bytes = [...named]
  const drip = setInterval(() => dripping.write(Uint8Array.of(bytes.shift() ?? 0)), 20)
  expect(await silent).toMatchObject({ received: '' })
  expect(await hear(dripping)).toMatchObject({ received: '' })
  clearInterval(drip)
  const endings = await lines(2)
  expect(endings.map(({ ending }) => ending)).toEqual([
    'client.preread.timeout',
    'client.preread.timeout',
  ])
  expect(bytes.length).toBeGreaterThan(0)
})

test('nobody reads a byte that nobody asked for: the client that never speaks hears the server', async () => {
  const gateway = await startGateway({
    settings: { preread_timeout: '50ms', preread_silence: '50ms' },
  })
  const greeter = await serve((socket) => void socket.write('hello'))
  await routeTo(gateway, greeter.port)
  const socket = connect({ port: gateway.port, host: '127.0.0.1' })
  let heard = ''
  socket.on('data', (chunk) => (heard += String(chunk)))
  await until(() => heard !== '')
  expect(heard).toBe('hello')
  socket.destroy()
})
