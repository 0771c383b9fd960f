import { createServer } from 'node:http'
import type { IncomingMessage, RequestListener } from 'node:http'
import { createServer as createTcpServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { Endpoint } from './endpoint.ts'
import type { EndpointConfig } from './endpoint.ts'

const patient = new AbortController().signal
const plain = {
  method: 'POST',
  content_type: 'application/json',
  timeout: 5000,
  keepalive: 60_000,
  tls_verify: true,
} as const

async function listen(server: Server): Promise<number> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => sockets.add(socket.on('error', () => {})))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

async function endpointTo(server: Server, more: Partial<EndpointConfig> = {}, rest = '') {
  const port = await listen(server)
  const http_endpoint = `http://${rest.includes('@') ? rest : `127.0.0.1:PORT${rest}`}`.replace(
    'PORT',
    String(port),
  )
  const endpoint = new Endpoint({ ...plain, http_endpoint, ...more }, 1, undefined)
  onTestFinished(() => endpoint.close())
  return { endpoint, port }
}

function answering(listener: RequestListener) {
  const requests: IncomingMessage[] = []
  const bodies: string[] = []
  const server = createServer((request, response) => {
    requests.push(request)
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => {
      bodies.push(body)
      listener(request, response)
    })
  })
  return { server, requests, bodies }
}

/** A server that answers each request with these bytes, whatever HTTP says. */
function lying(bytes: string, ends = true): Server {
  return createTcpServer((socket) =>
    socket.once('data', () => (ends ? socket.end(bytes) : socket.write(bytes))),
  )
}

test('bodies go over one kept connection, with what was configured', async () => {
  const { server, requests, bodies } = answering((_, response) => response.end('thanks'))
  const sockets: Socket[] = []
  server.on('connection', (socket) => sockets.push(socket))
  const { endpoint } = await endpointTo(
    server,
    { method: 'PUT', headers: { 'X-Key': 'k', 'content-type': 'text/plain' } },
    'a%40b:p%3Aw@127.0.0.1:PORT/logs?key=secret',
  )
  await endpoint.send('{"a":"ö"}', patient)
  await endpoint.send('{}', patient)
  expect(bodies).toEqual(['{"a":"ö"}', '{}'])
  expect(sockets).toHaveLength(1)
  expect(requests[0]).toMatchObject({
    method: 'PUT',
    url: '/logs?key=secret',
    headers: {
      'content-type': 'application/json',
      'content-length': '10',
      'x-key': 'k',
      authorization: `Basic ${Buffer.from('a@b:p:w').toString('base64')}`,
    },
  })
})

test.each([199, 301, 302, 307, 400, 404, 429, 500, 503])(
  'a status of %i is no success',
  async (status) => {
    let count = 0
    const { server } = answering((_, response) => {
      count++
      response.writeHead(status, { location: '/elsewhere' }).end('secret')
    })
    const { endpoint, port } = await endpointTo(server, { timeout: 500 }, '/path?key=secret')
    const failure = endpoint.send('{}', patient)
    await expect(failure).rejects.toThrow(
      status === 199
        ? `http://127.0.0.1:${port}: timed out`
        : `http://127.0.0.1:${port}: it answered with status ${status}`,
    )
    expect(count).toBe(1)
  },
)

test.each([
  ['what is no HTTP', 'hello\r\n\r\n', /Parse Error/],
  ['nothing', '', /socket hang up/],
  ['half a status line', 'HTTP/1.1 2', /socket hang up|Parse Error/],
  [
    'another protocol',
    'HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n',
    /closed|hang up/,
  ],
  ['endless headers', `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(100_000)}\r\n\r\n`, /Header overflow/i],
])('a server that answers %s has taken nothing', async (_what, bytes, reason) => {
  const { endpoint } = await endpointTo(lying(bytes))
  await expect(endpoint.send('{}', patient)).rejects.toThrow(reason)
})

test.each([
  ['is cut off', 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort', true],
  ['never ends', `HTTP/1.1 200 OK\r\n\r\n${'x'.repeat(200_000)}`, false],
  ['stalls', 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort', false],
])('a success whose body %s is one', async (_what, bytes, ends) => {
  const { endpoint } = await endpointTo(lying(bytes, ends), { timeout: 300 })
  await expect(endpoint.send('{}', patient)).resolves.toBeUndefined()
})

test('a server that says nothing is given up in time, and so is one that nobody waits for', async () => {
  const silent = (): Server => createTcpServer((socket) => socket.resume())
  const { endpoint: hasty } = await endpointTo(silent(), { timeout: 50 })
  await expect(hasty.send('{}', patient)).rejects.toThrow('timed out')
  const { endpoint: endless } = await endpointTo(silent(), { timeout: 0 })
  const stop = new AbortController()
  const sending = endless.send('{}', stop.signal)
  stop.abort()
  await expect(sending).rejects.toThrow('timed out')
})

test('a kept connection that the server has closed meanwhile is no failure', async () => {
  let isFirst = true
  const { server, bodies } = answering((request, response) => {
    // The next request meets a reset, as when the server gives the connection up just then.
    if (isFirst) request.socket.once('data', () => request.socket.resetAndDestroy())
    isFirst = false
    response.end()
  })
  const { endpoint } = await endpointTo(server)
  await endpoint.send('1', patient)
  await endpoint.send('2', patient)
  expect(bodies.at(-1)).toBe('2')
})

test('an idle connection is closed after keepalive', async () => {
  const { server, requests } = answering((_, response) => response.end())
  const { endpoint } = await endpointTo(server, { keepalive: 20 })
  await endpoint.send('{}', patient)
  await expect.poll(() => requests[0]?.socket.destroyed).toBe(true)
})
