import { connect, createServer, type Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { expect, onTestFinished, test } from 'vitest'
import { captureNode } from '../../core/src/routing/hello.fixture.ts'
import {
  type ParsedProxy,
  readProxyHeader,
} from '../../core/src/routing/proxy-header/read-header.ts'
import { issueCertificates } from '../conformance/transport/certificates.ts'
import { startGateway, temporaryFolder, until, type RunningGateway } from './support/gateway.ts'
import { hear, serve, talk, talkTls } from './support/peers.ts'
import { routeTo, startWithPlugins } from './support/with-plugins.ts'

/** What an upstream was told before the client's own bytes. */
type Told = Extract<ParsedProxy, { kind: 'header' }>['header'] & { readonly raw: string }

/** An upstream that reads a PROXY header, notes it, and echoes what follows. */
async function serveTold() {
  const told: Told[] = []
  const { port } = await serve((socket) => attend(socket, (header) => told.push(header)))
  return { port, told }
}

/** Hands the socket over with the header taken off. */
function attend(socket: Socket, note: (told: Told) => void, go = echo): void {
  let bytes = Buffer.alloc(0)
  const onData = (chunk: Buffer) => {
    bytes = Buffer.concat([bytes, chunk])
    const parsed = readProxyHeader(bytes)
    if (parsed.kind === 'more') return
    socket.pause().off('data', onData)
    if (parsed.kind === 'malformed') throw new Error(parsed.reason)
    note({ ...parsed.header, raw: bytes.toString('latin1', 0, parsed.length) })
    socket.unshift(bytes.subarray(parsed.length))
    go(socket)
  }
  socket.on('data', onData)
}

function echo(socket: Socket): void {
  socket.pipe(socket)
}

/** A client of whom the port is known. */
async function talkFrom(port: number, from: string, said = 'hello') {
  const host = from.includes(':') ? '::1' : '127.0.0.1'
  const socket = connect({ port, host, localAddress: from, allowHalfOpen: true })
  socket.end(said)
  await new Promise((resolve) => socket.once('connect', resolve))
  const { localPort = 0 } = socket
  return { port: localPort, ...(await hear(socket)) }
}

test('version 1 of a service: the client and the listener', async () => {
  const { port, told } = await serveTold()
  const gateway = await startGateway()
  await routeTo(gateway, port, { proxy_protocol: 'v1' })
  const client = await talkFrom(gateway.port, '127.0.0.5')
  expect(client.received).toBe('hello')
  expect(told.map(({ raw }) => raw)).toEqual([
    `PROXY TCP4 127.0.0.5 127.0.0.1 ${client.port} ${gateway.port}\r\n`,
  ])
  // What the header costs is not the session's.
  await until(() => gateway.endings().length > 0)
  expect(gateway.endings()).toMatchObject([{ ending: 'client.closed', received: 5, sent: 5 }])
})

test('version 2 with everything that can be told of a plain session', async () => {
  const { port, told } = await serveTold()
  const gateway = await startGateway()
  const custom = { '0xE4': 'tenant', '0xef': 'é' }
  const wanted = { authority: true, alpn: true, ssl: true, unique_id: true, crc32c: true, custom }
  await routeTo(gateway, port, { proxy_protocol: 'v2', proxy_protocol_tlvs: wanted })
  const client = await talkFrom(gateway.port, '127.0.0.5')
  await talk(gateway.port, 'again')
  const [first, second] = told
  expect(first).toMatchObject({
    version: 2,
    addresses: {
      source: { address: '127.0.0.5', port: client.port },
      destination: { address: '127.0.0.1', port: gateway.port },
    },
    tlvs: { ssl: { tls: false, verified: false } },
  })
  expect(first?.tlvs).not.toHaveProperty('authority')
  expect(first?.tlvs.others?.map(({ type, value }) => [type, String(Buffer.from(value))])).toEqual([
    [0xe4, 'tenant'],
    [0xef, 'é'],
  ])
  expect(first?.tlvs.uniqueId).not.toEqual(second?.tlvs.uniqueId)
  // The checksum was checked; it is there.
  expect(first?.raw.at(-7)).toBe('\u0003')
})

test('the setting of the upstream goes before that of the service', async () => {
  const { port, told } = await serveTold()
  const gateway = await startGateway()
  await gateway.create('/upstreams', { name: 'localhost', proxy_protocol: 'v2' })
  await gateway.create('/upstreams/localhost/targets', { target: `127.0.0.1:${port}` })
  await routeTo(gateway, port, { host: 'localhost', proxy_protocol: 'v1' })
  await talk(gateway.port, 'x')
  await gateway.admin('PATCH', '/upstreams/localhost', { proxy_protocol: null })
  await talk(gateway.port, 'x')
  expect(told.map(({ version }) => version)).toEqual([2, 1])
})

test('the header is in the clear, also where the upstream speaks TLS', async () => {
  const { server: certificate } = await issueCertificates()
  const told: Told[] = []
  const { port } = await serve((raw) =>
    attend(
      raw,
      (header) => told.push(header),
      () => {
        const socket = new TLSSocket(raw, { isServer: true, ...certificate })
        socket.on('error', () => undefined)
        onTestFinished(() => void socket.destroy())
        socket.pipe(socket)
      },
    ),
  )
  const gateway = await startGateway()
  await routeTo(gateway, port, { protocol: 'tls', proxy_protocol: 'v1' })
  expect(await talk(gateway.port, 'hello')).toMatchObject({ received: 'hello' })
  expect(told).toMatchObject([{ version: 1 }])
})

test('unix sockets on both sides', async () => {
  const folder = temporaryFolder()
  const told: Told[] = []
  const server = createServer({ allowHalfOpen: true }, (socket) =>
    attend(socket, (header) => told.push(header)),
  )
  await new Promise<void>((resolve) => server.listen(`${folder}/up.sock`, resolve))
  onTestFinished(() => void server.close())
  const stream_listen = `unix:${folder}/in.sock`
  const gateway = await startWithPlugins(
    { there: `phases: { balance: () => ({ host: 'unix:${folder}/up.sock', port: 0 }) }` },
    { settings: { stream_listen } },
  )
  await gateway.create('/plugins', { name: 'there' })
  await gateway.create('/services', { name: 'up', url: 'tcp://127.0.0.1:1', proxy_protocol: 'v1' })
  // A client without an address can be known by its SNI alone.
  const route = { protocols: ['tls_passthrough'], snis: ['a.example'] }
  await gateway.create('/services/up/routes', route)
  const hello = await captureNode({ servername: 'a.example' })
  const say = async () => {
    const socket = connect(`${folder}/in.sock`)
    socket.end(hello)
    return Buffer.from((await hear(socket)).received, 'latin1').equals(hello)
  }
  expect(await say()).toBe(true)
  await gateway.admin('PATCH', '/services/up', { proxy_protocol: 'v2' })
  expect(await say()).toBe(true)
  expect(told.map(({ raw }) => raw.replaceAll('\0', ''))).toEqual([
    'PROXY UNKNOWN\r\n',
    `\r\n\r\n\r\nQUIT\n!1\u00d8${stream_listen.slice('unix:'.length)}`,
  ])
})

/** Two gateways in a row: what the first one sends is what the second one expects. */
async function chain(more: { readonly first?: object; readonly second?: object } = {}) {
  const { port, told } = await serveTold()
  const second = await startGateway({
    settings: { stream_listen: '127.0.0.1:0 proxy_protocol', trusted_ips: '127.0.0.1' },
  })
  await routeTo(second, port, { proxy_protocol: 'v2', ...more.second })
  return { told, second, header: { proxy_protocol: 'v2', ...more.first } }
}

test.each([
  ['v1', '127.0.0.5'],
  ['v2', '127.0.0.5'],
  ['v1', '::1'],
  ['v2', '::1'],
])('through two gateways the upstream sees the client: %s from %s', async (version, from) => {
  const { told, second, header } = await chain({ first: { proxy_protocol: version } })
  const first = await startGateway({
    settings: { stream_listen: from === '::1' ? '[::1]:0' : '127.0.0.1:0' },
  })
  await routeTo(first, second.port, header)
  const client = await talkFrom(first.port, from)
  expect(client.received).toBe('hello')
  expect(told).toMatchObject([
    {
      version: 2,
      addresses: {
        source: { address: from, port: client.port },
        destination: { address: from === '::1' ? '::1' : '127.0.0.1', port: first.port },
      },
    },
  ])
  await until(() => second.endings().length > 0)
  expect(second.endings()).toMatchObject([{ client_ip: from, client_port: client.port }])
})

const asking = (ca: string) =>
  `phases: { tls: () => terminate({ clientCertificate: { ca: [${JSON.stringify(ca)}] } }) }`

async function terminating(gateway: RunningGateway, port: number, header: object) {
  await gateway.create('/services', { name: 'up', url: `tcp://127.0.0.1:${port}`, ...header })
  await gateway.create('/services/up/routes', { protocols: ['tls'], snis: ['a.example'] })
}

test('of TLS that ends at the first gateway the upstream behind the second one is told', async () => {
  const { ca, client, stranger } = await issueCertificates()
  const proxy_protocol_tlvs = { authority: true, ssl: true, unique_id: true, crc32c: true }
  const both = { proxy_protocol_tlvs }
  const { told, second, header } = await chain({ first: both, second: both })
  const first = await startWithPlugins({ asking: asking(ca.cert) })
  await first.create('/plugins', { name: 'asking' })
  await terminating(first, second.port, header)
  for (const shown of [client, stranger, {}]) {
    const talked = await talkTls(first.port, 'hello', { servername: 'a.example', ...shown })
    expect(talked.received).toBe('hello')
  }
  const tls = { tls: true, version: 'TLSv1.3', cipher: expect.stringMatching(/^TLS_/) }
  expect(told.map(({ tlvs: { authority, ssl } }) => [authority, ssl])).toEqual([
    ['a.example', { ...tls, certificate: 'connection', verified: true, cn: 'client, one' }],
    ['a.example', { ...tls, certificate: 'connection', verified: false }],
    ['a.example', { ...tls, verified: false }],
  ])
})
