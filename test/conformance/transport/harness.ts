import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { BoundSocket, connect, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Endpoint } from '@kong-ts/pdk'
import { onTestFinished } from 'vitest'
import type {
  Inbound,
  Listening,
  Outbound,
  RelayOptions,
  Transport,
} from '../../../core/src/transport/transport.ts'

/** Kinds of sockets that every behaviour of bytes is tried over. */
export const kinds = ['tcp', 'unix'] as const
export type Kind = (typeof kinds)[number]

export const forever = { deadline: Infinity }

/** A deadline so far ahead that only a fault reaches it. */
export const soon = (milliseconds = 20_000) => ({ deadline: performance.now() + milliseconds })

export const plainRelay: RelayOptions = {
  readTimeout: 60_000,
  writeTimeout: 60_000,
  observers: { upload: [], download: [] },
  transforms: { upload: [], download: [] },
  throttle: {},
}

/** A socket path that goes away with the test. */
export function temporaryPath(): string {
  const folder = mkdtempSync(join(tmpdir(), 'kong-ts-transport-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return join(folder, 's')
}

/** Something that gives its items one by one, to whoever asks first. */
export class Queue<T> {
  readonly #items: T[] = []
  readonly #waiting: ((item: T) => void)[] = []

  put(item: T): void {
    const next = this.#waiting.shift()
    if (next) next(item)
    else this.#items.push(item)
  }

  get size(): number {
    return this.#items.length
  }

  take(): Promise<T> {
    const item = this.#items.shift()
    return item === undefined
      ? new Promise((resolve) => this.#waiting.push(resolve))
      : Promise.resolve(item)
  }
}

export interface Gate {
  readonly endpoint: Endpoint
  readonly listening: Listening
  readonly accepted: Queue<Inbound>
}

/** The transport under test, accepting. */
export async function openGate(
  transport: Transport,
  kind: Kind = 'tcp',
  host = '127.0.0.1',
): Promise<Gate> {
  const path = kind === 'unix' ? temporaryPath() : undefined
  // The types of Node do not know yet that a path can be bound.
  const bind = path === undefined ? { host } : { path, host: undefined }
  const socket = new BoundSocket(bind)
  const port = path === undefined ? socket.address().port : 0
  const endpoint = { address: path === undefined ? host : `unix:${path}`, port }
  const accepted = new Queue<Inbound>()
  const listening = await transport.listen(
    { socket, address: endpoint, backlog: 511, keepAlive: 60 },
    (inbound) => accepted.put(inbound),
  )
  onTestFinished(() => listening.close())
  return { endpoint, listening, accepted }
}

/** A client of ours; it reads nothing until it is told to. */
export async function dial(endpoint: Endpoint): Promise<Socket> {
  const target = endpoint.address.startsWith('unix:')
    ? { path: endpoint.address.slice(5) }
    : { host: endpoint.address, port: endpoint.port }
  const socket = connect({ ...target, allowHalfOpen: true })
  socket.pause()
  track(socket)
  await once(socket, 'connect')
  return socket
}

function track(socket: Socket): void {
  socket.on('error', () => {})
  onTestFinished(() => {
    socket.destroy()
  })
}

export interface Upstream {
  readonly endpoint: Endpoint
  readonly accepted: Queue<Socket>
  readonly server: Server
}

/** An upstream of ours; its sockets read nothing until they are told to. */
export async function openUpstream(kind: Kind = 'tcp'): Promise<Upstream> {
  const accepted = new Queue<Socket>()
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) => {
    track(socket)
    accepted.put(socket)
  })
  const path = kind === 'unix' ? temporaryPath() : undefined
  if (path === undefined) server.listen(0, '127.0.0.1')
  else server.listen(path)
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
  })
  return { endpoint: addressOf(server), accepted, server }
}

export function addressOf(server: Server): Endpoint {
  const address = server.address()
  if (address === null) throw new Error('the server does not listen')
  return typeof address === 'string'
    ? { address: `unix:${address}`, port: 0 }
    : { address: address.address, port: address.port }
}

export interface Path {
  readonly client: Socket
  readonly inbound: Inbound
  readonly outbound: Outbound
  readonly upstream: Socket
}

/** A client and an upstream with the transport between them, before any byte flows. */
export async function openPath(transport: Transport, kind: Kind = 'tcp'): Promise<Path> {
  const gate = await openGate(transport, kind)
  const server = await openUpstream(kind)
  const client = await dial(gate.endpoint)
  const inbound = await gate.accepted.take()
  const outbound = await inbound.connect(server.endpoint, { ...soon(), keepAlive: 60 })
  return { client, inbound, outbound, upstream: await server.accepted.take() }
}

/** Everything that arrives until the peer ends its side. Rejects if it resets. */
export async function readAll(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  socket.resume()
  if (!socket.readableEnded) await once(socket, 'end')
  return Buffer.concat(chunks)
}

/** The next bytes, at least so many. */
export async function readSome(socket: Socket, atLeast: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let length = 0
  return new Promise((resolve, reject) => {
    const onData = (chunk: Buffer) => {
      chunks.push(chunk)
      length += chunk.length
      if (length < atLeast) return
      socket.pause()
      socket.off('data', onData)
      resolve(Buffer.concat(chunks))
    }
    socket.on('data', onData)
    socket.once('close', () => reject(socket.errored ?? new Error('closed')))
    socket.resume()
  })
}

/** How a socket of ours was ended by the other side. */
export async function endOf(socket: Socket): Promise<'fin' | 'reset'> {
  if (socket.closed) return socket.errored ? 'reset' : 'fin'
  socket.resume()
  return new Promise((resolve) => {
    socket.once('end', () => resolve('fin'))
    socket.once('close', () => resolve(socket.errored ? 'reset' : 'fin'))
  })
}

/** Writes until the whole way refuses for a while; how many bytes have left this process. */
export async function fill(socket: Socket, total: number): Promise<number> {
  const chunk = Buffer.alloc(256 * 1024, 7)
  for (let sent = 0; sent < total; sent += chunk.length) {
    if (socket.write(chunk)) continue
    const stalled = await Promise.race([
      once(socket, 'drain').then(() => false),
      new Promise<boolean>((resolve) => setTimeout(resolve, 500, true)),
    ])
    if (stalled) break
  }
  return socket.bytesWritten - socket.writableLength
}
