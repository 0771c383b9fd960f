import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, Server as TlsServer } from 'node:tls'
import { expect, onTestFinished, test } from 'vitest'
import { issueCertificates } from '../conformance/transport/certificates.ts'
import { startGateway, until, type RunningGateway } from './support/gateway.ts'
import { hold, refusedOrServed, talk } from './support/peers.ts'

const twoWorkers = { settings: { worker_processes: '2' } }
const wanted = 4

/** An echo that counts its connections, and says which of them an answer comes over. */
class Backend {
  /** Connections so far, and those that are there now. */
  count = 0
  readonly live = new Set<Socket>()
  /** The most that have been there without a word from a client. */
  idlest = 0
  readonly #idle = new Set<Socket>()
  /** Numbers of the connections over which something came. */
  readonly used: number[] = []
  port = 0
  #server: Server
  readonly #greeting: string | undefined

  constructor(server: Server = createServer({ allowHalfOpen: true }), greeting?: string) {
    this.#server = server
    this.#greeting = greeting
  }

  static async start(server?: Server, greeting?: string): Promise<Backend> {
    const backend = new Backend(server, greeting)
    await backend.listen(0)
    onTestFinished(() => backend.stop())
    return backend
  }

  async listen(port: number): Promise<void> {
    const event = this.#server instanceof TlsServer ? 'secureConnection' : 'connection'
    this.#server.removeAllListeners(event).on(event, (socket: Socket) => this.#serve(socket))
    await new Promise<void>((resolve) => this.#server.listen(port, '127.0.0.1', resolve))
    this.port = (this.#server.address() as AddressInfo).port
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve))
    for (const socket of this.live) socket.destroy()
    await closed
  }

  get idle(): number {
    return this.#idle.size
  }

  #serve(socket: Socket): void {
    const number = ++this.count
    this.live.add(socket)
    this.#idle.add(socket)
    this.idlest = Math.max(this.idlest, this.#idle.size)
    const leave = () => void this.#idle.delete(socket)
    socket.on('error', leave).on('end', leave)
    socket.on('close', () => (leave(), this.live.delete(socket)))
    socket.once('data', () => (this.used.push(number), this.#idle.delete(socket)))
    if (this.#greeting !== undefined) socket.write(this.#greeting)
    socket.pipe(socket)
  }
}

async function serveVia(gateway: RunningGateway, port: number, service = {}): Promise<void> {
  await gateway.create('/upstreams', { name: 'warm.test', preconnect: wanted })
  await gateway.create('/upstreams/warm.test/targets', { target: `127.0.0.1:${port}` })
  const to = { name: 's', protocol: 'tcp', host: 'warm.test', port: 1 }
  await gateway.create('/services', { ...to, ...service })
  const destinations = [{ port: gateway.port }]
  await gateway.create('/services/s/routes', { protocols: ['tcp'], destinations })
}

test('connections are there before any client, never more than asked for, and clients get them', async () => {
  const gateway = await startGateway(twoWorkers)
  const backend = await Backend.start()
  await serveVia(gateway, backend.port)
  await until(() => backend.idle === wanted)
  expect(backend.idlest).toBe(wanted)
  for (let client = 0; client < 20; client++) {
    const before = backend.count
    expect((await talk(gateway.port, `client ${client}`)).received).toBe(`client ${client}`)
    // Over one that was there before it came.
    expect(backend.used.at(-1)).toBeLessThanOrEqual(before)
    await until(() => backend.idle === wanted)
  }
  const crowd = Array.from({ length: 50 }, (_, index) => talk(gateway.port, `${index}`))
  expect((await Promise.all(crowd)).map(({ received }) => received)).toEqual(
    crowd.map((_, index) => `${index}`),
  )
  await until(() => backend.live.size === wanted)
})

test('of a backend that restarts nobody gets a connection that it has closed', async () => {
  const gateway = await startGateway(twoWorkers)
  const backend = await Backend.start()
  await serveVia(gateway, backend.port)
  for (let round = 0; round < 5; round++) {
    await until(() => backend.idle === wanted)
    const { port } = backend
    await backend.stop()
    await backend.listen(port)
    const answers = await Promise.all(Array.from({ length: 8 }, () => talk(gateway.port, 'hello')))
    expect(answers.map(({ received }) => received)).toEqual(answers.map(() => 'hello'))
  }
})

test('a backend that speaks first is found out: its clients hear it once, and it is left alone', async () => {
  const gateway = await startGateway(twoWorkers)
  const backend = await Backend.start(undefined, '220 ready\r\n')
  await serveVia(gateway, backend.port)
  // Each worker finds out for itself.
  await until(() => gateway.output().split('preconnect pauses').length > 2)
  await until(() => backend.live.size === 0)
  const { count } = backend
  const answer = await talk(gateway.port, 'quit')
  expect(answer.received).toBe('220 ready\r\nquit')
  expect(backend.count).toBe(count + 1)
})

test('what is not wanted any more is closed', async () => {
  const gateway = await startGateway(twoWorkers)
  const backend = await Backend.start()
  await serveVia(gateway, backend.port)
  const upstream = '/upstreams/warm.test'
  const target = `${upstream}/targets/127.0.0.1:${backend.port}`
  await until(() => backend.idle === wanted)
  await gateway.admin('PATCH', upstream, { preconnect: 1 })
  await until(() => backend.live.size === 1)
  await gateway.admin('PATCH', upstream, { preconnect: wanted })
  await until(() => backend.live.size === wanted)
  await gateway.admin('PATCH', target, { weight: 0 })
  await until(() => backend.live.size === 0)
  await gateway.admin('PATCH', target, { weight: 1 })
  await until(() => backend.live.size === wanted)
  await gateway.admin('DELETE', target)
  await until(() => backend.live.size === 0)
  expect(backend.used).toEqual([])
})

test('they do not count as connections of clients, and a reload does not double them', async () => {
  const gateway = await startGateway({ conf: { worker_processes: '2' } })
  const backend = await Backend.start()
  await serveVia(gateway, backend.port)
  await gateway.admin('PATCH', '/upstreams/warm.test', { max_connections: 2 })
  await until(() => backend.idle === wanted)
  const held = [await hold(gateway.port), await hold(gateway.port)]
  expect(await refusedOrServed(gateway.port)).toBeUndefined()
  await gateway.reload()
  await until(() => backend.idle === wanted)
  for (const { socket } of held) socket.destroy()
  await until(() => backend.live.size === wanted)
  expect(backend.idlest).toBeLessThanOrEqual(wanted + held.length)
})

test('a worker that is killed is replaced, and so is what it kept', async () => {
  const gateway = await startGateway(twoWorkers)
  const backend = await Backend.start()
  await serveVia(gateway, backend.port)
  await until(() => backend.idle === wanted)
  const [first] = await gateway.workers()
  const { count } = backend
  process.kill(first!, 'SIGKILL')
  await until(() => backend.count > count && backend.live.size === wanted)
  expect((await talk(gateway.port, 'hello')).received).toBe('hello')
})

test('TLS is spoken before any client comes', async () => {
  const gateway = await startGateway(twoWorkers)
  const { server } = await issueCertificates()
  const backend = await Backend.start(createTlsServer(server))
  await serveVia(gateway, backend.port, { protocol: 'tls' })
  await until(() => backend.idle === wanted)
  expect((await talk(gateway.port, 'secret')).received).toBe('secret')
  expect(backend.used[0]).toBeLessThanOrEqual(wanted)
  await until(() => backend.idle === wanted)
})

test('where each client gets a header of its own nothing can be kept', async () => {
  const gateway = await startGateway()
  const backend = await Backend.start()
  await serveVia(gateway, backend.port)
  await until(() => backend.idle === wanted)
  await gateway.admin('PATCH', '/upstreams/warm.test', { proxy_protocol: 'v1' })
  await until(() => backend.live.size === 0)
  expect(backend.count).toBe(wanted)
})
