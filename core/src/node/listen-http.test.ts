import { once } from 'node:events'
import { createServer, request } from 'node:http'
import { Agent, request as requestTls } from 'node:https'
import { connect, createServer as createTcpServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { connect as connectTls } from 'node:tls'
import Fastify, { type FastifyInstance } from 'fastify'
import { expect, onTestFinished, test, vi } from 'vitest'
import { adminTls } from './http-tls.ts'
import { type HttpListeners, listenHttp, type Site } from './listen-http.ts'
import { dial, settingsOf, temporaryFolder } from './node.fixture.ts'

const listOf = (text: string) => settingsOf({ admin_listen: text }).admin_listen

const noTls = () => Promise.reject(new Error('nobody asked for TLS'))

function application({ serverFactory }: Partial<Site> = {}): FastifyInstance {
  const app = Fastify({ ...(serverFactory && { serverFactory }) })
  app.get('/', () => ({ here: true }))
  app.get('/never', () => new Promise(() => undefined))
  return app
}

function ask(options: object): Promise<number | string> {
  return new Promise((resolve) => {
    const sent = request(options, (response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
    sent.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? '')).end()
  })
}

test('each address answers, and none does after the end', async () => {
  const path = join(temporaryFolder(), 'admin.sock')
  const listeners = await listenHttp(
    listOf(`127.0.0.1:0, [::1]:0, unix:${path}`),
    application,
    noTls,
  )
  const [four = '', six = '', unix] = listeners.addresses
  expect(six).toMatch(/^\[::1\]:\d+$/)
  expect(unix).toBe(`unix:${path}`)
  expect(await ask({ host: '127.0.0.1', port: four.split(':')[1] })).toBe(200)
  expect(await ask({ socketPath: path })).toBe(200)
  await listeners[Symbol.asyncDispose]()
  expect(await dial(Number(four.split(':')[1]))).toBe('ECONNREFUSED')
  expect(await ask({ socketPath: path })).toBe('ENOENT')
})

test('a port in use is refused by its name, and those before it are given back', async () => {
  const taken = createTcpServer()
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void taken.close())
  const { port } = taken.address() as AddressInfo
  const path = join(temporaryFolder(), 'admin.sock')
  await expect(
    listenHttp(listOf(`unix:${path}, 127.0.0.1:${port}`), application, noTls),
  ).rejects.toThrow(`cannot listen on 127.0.0.1:${port}: the address is already in use`)
  expect(await ask({ socketPath: path })).toBe('ENOENT')
})

test('a request that never ends does not keep a listener from closing', async () => {
  const listeners = await listenHttp(listOf('127.0.0.1:0'), application, noTls)
  const answer = ask({
    host: '127.0.0.1',
    port: listeners.addresses[0]?.split(':')[1],
    path: '/never',
  })
  await new Promise((resolve) =>
    createServer()
      .listen(0, '127.0.0.1', () => resolve(undefined))
      .unref(),
  )
  await listeners[Symbol.asyncDispose]()
  expect(await answer).toMatch(/ECONNRESET|ECONNREFUSED/)
})

function secured(text: string, settings = settingsOf()): Promise<HttpListeners> {
  return listenHttp(listOf(text), application, () => adminTls(settings))
}

/** The certificate that a request meets, and whether its connection is a new one. */
function meet(port: string, agent: Agent): Promise<{ reused: boolean; certificate: unknown }> {
  return new Promise((resolve, reject) => {
    const sent = requestTls({ host: '127.0.0.1', port, agent, rejectUnauthorized: false })
    sent.on('error', reject).on('response', (response) => {
      const certificate: unknown = Reflect.get(response.socket, 'getPeerCertificate').call(
        response.socket,
      ).fingerprint256
      response.resume().on('end', () => resolve({ reused: sent.reusedSocket, certificate }))
    })
    sent.end()
  })
}

test('an address speaks TLS where it is to, also on a unix socket', async () => {
  const path = join(temporaryFolder(), 'admin.sock')
  await using listeners = await secured(
    `127.0.0.1:0, 127.0.0.1:0 ssl, localhost:0 ssl, unix:${path} ssl`,
  )
  const [plain = '', tls = '', local = '', unix] = listeners.addresses
  expect(plain).toMatch(/^127\.0\.0\.1:\d+$/)
  expect(tls).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/)
  expect(local).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/)
  expect(unix).toBe(`unix:${path}`)
  const agent = new Agent({ rejectUnauthorized: false })
  onTestFinished(() => agent.destroy())
  for (const address of [tls, local]) {
    expect((await meet(new URL(address).port, agent)).certificate).toMatch(/^[0-9A-F:]{95}$/)
  }
  expect(await ask({ host: '127.0.0.1', port: plain.split(':')[1] })).toBe(200)
  expect(await ask({ host: '127.0.0.1', port: new URL(tls).port })).not.toBe(200)
  const overTls = requestTls({ socketPath: path, agent: false, rejectUnauthorized: false }).end()
  expect((await once(overTls, 'response'))[0].statusCode).toBe(200)
  overTls.destroy()
})

test('certificates change for whoever comes next, and only when they have changed', async () => {
  const settings = settingsOf()
  await using listeners = await secured('127.0.0.1:0 ssl', settings)
  const { port } = new URL(listeners.addresses[0] ?? '')
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  onTestFinished(() => agent.destroy())
  const { certificate } = await meet(port, agent)

  const same = await listeners.follow(() => adminTls(settings))
  same()
  expect(await meet(port, agent)).toEqual({ reused: true, certificate })

  const next = await listeners.follow(() => adminTls(settingsOf()))
  expect(await meet(port, agent)).toEqual({ reused: true, certificate })
  next()
  // The idle connection has been closed at our side; the client hears of it in its own time.
  const after = await meet(port, new Agent())
  expect(after.certificate).not.toBe(certificate)

  const broken = listeners.follow(() => Promise.reject(new Error('no such file')))
  await expect(broken).rejects.toThrow('no such file')
  expect((await meet(port, new Agent())).certificate).toBe(after.certificate)
})

test('a request of before the change is not waited for for ever', async () => {
  await using listeners = await secured('127.0.0.1:0 ssl')
  const { port } = new URL(listeners.addresses[0] ?? '')
  const to = { host: '127.0.0.1', port, agent: false, rejectUnauthorized: false } as const
  const never = requestTls({ ...to, path: '/never' })
  const cut = new Promise((resolve) => never.once('error', resolve))
  never.end()
  await once(never, 'finish')
  const next = await listeners.follow(() => adminTls(settingsOf()))
  vi.useFakeTimers({ toFake: ['setTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  next()
  vi.advanceTimersByTime(9_999)
  expect((await once(requestTls(to).end(), 'response'))[0].statusCode).toBe(200)
  vi.advanceTimersByTime(1)
  expect(await cut).toMatchObject({ code: 'ECONNRESET' })
})

test('a client that speaks HTTP/2 too is answered in HTTP/1.1', async () => {
  await using listeners = await secured('127.0.0.1:0 http2 ssl')
  const port = Number(new URL(listeners.addresses[0] ?? '').port)
  const socket = connectTls({
    port,
    host: '127.0.0.1',
    rejectUnauthorized: false,
    ALPNProtocols: ['h2', 'http/1.1'],
  })
  onTestFinished(() => void socket.destroy())
  await once(socket, 'secureConnect')
  expect(socket.alpnProtocol).toBe('http/1.1')
})

test('where nothing speaks TLS no certificate is read', async () => {
  await using listeners = await listenHttp(listOf('127.0.0.1:0'), application, noTls)
  const follow = await listeners.follow(noTls)
  follow()
  expect(await ask({ host: '127.0.0.1', port: listeners.addresses[0]?.split(':')[1] })).toBe(200)
})

test('a handshake that never ends does not keep a listener from closing', async () => {
  const listeners = await secured('127.0.0.1:0 ssl', settingsOf({ tls_handshake_timeout: '10m' }))
  const socket = connect(Number(new URL(listeners.addresses[0] ?? '').port), '127.0.0.1')
  onTestFinished(() => void socket.destroy())
  const ended = once(socket.resume(), 'close')
  await once(socket, 'connect')
  await listeners[Symbol.asyncDispose]()
  expect(await ended).toEqual([false])
})
