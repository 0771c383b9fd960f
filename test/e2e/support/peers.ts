import {
  createServer,
  connect,
  type AddressInfo,
  type NetConnectOpts,
  type Server,
  type Socket,
} from 'node:net'
import {
  connect as connectTls,
  createServer as createTlsServer,
  type ConnectionOptions,
  type TlsOptions,
} from 'node:tls'
import { onTestFinished } from 'vitest'

/** A TCP server on a free port, ended with the test. */
export async function serve(
  onConnection: (socket: Socket) => void,
): Promise<{ port: number; server: Server; live: Set<Socket> }> {
  return listen(createServer({ allowHalfOpen: true }), 'connection', onConnection)
}

export async function serveTls(
  options: TlsOptions,
  onConnection: (socket: Socket) => void,
): Promise<{ port: number; server: Server; live: Set<Socket> }> {
  return listen(createTlsServer(options), 'secureConnection', onConnection)
}

/** Sends back what it gets, and keeps half-close. */
export function serveEcho(): Promise<{ port: number; server: Server; live: Set<Socket> }> {
  return serve((socket) => socket.pipe(socket))
}

async function listen(
  server: Server,
  event: string,
  onConnection: (socket: Socket) => void,
): Promise<{ port: number; server: Server; live: Set<Socket> }> {
  const live = new Set<Socket>()
  server.on(event, (socket: Socket) => {
    live.add(socket)
    socket.on('error', () => undefined).on('close', () => live.delete(socket))
    onConnection(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    for (const socket of live) socket.destroy()
    server.close()
  })
  return { port: (server.address() as AddressInfo).port, server, live }
}

export interface Talk {
  /** What came back. */
  readonly received: string
  /** `end` in order, or the error's code. */
  readonly how: string
}

/** Dials, says something, ends its side (unless told not to) and hears the other side out. */
export function talk(
  port: number,
  say: string | Uint8Array,
  options: { readonly halfClose?: boolean; readonly from?: string } = {},
): Promise<Talk> {
  const socket = connect({
    port,
    host: '127.0.0.1',
    allowHalfOpen: true,
    ...(options.from && { localAddress: options.from }),
  })
  if (options.halfClose === false) socket.write(say)
  else socket.end(say)
  return hear(socket)
}

/** The same over TLS. */
export function talkTls(port: number, say: string, options: ConnectionOptions = {}): Promise<Talk> {
  const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false, ...options })
  socket.end(say)
  return hear(socket)
}

export function hear(socket: Socket): Promise<Talk> {
  onTestFinished(() => void socket.destroy())
  return new Promise((resolve) => {
    let received = ''
    socket.setEncoding('latin1')
    socket.on('data', (chunk: string) => (received += chunk))
    socket.once('end', () => {
      resolve({ received, how: 'end' })
      socket.end()
    })
    socket.once('error', (error: NodeJS.ErrnoException) =>
      resolve({ received, how: error.code ?? error.message }),
    )
    socket.once('close', () => resolve({ received, how: 'close' }))
  })
}

export interface Held {
  readonly socket: Socket
  /** Says something and hears as many bytes back. */
  ask(text: string): Promise<string>
  /** How it ended, when it has. */
  readonly ended: Promise<string>
  readonly isOver: () => boolean
}

/** A connection through an echo service that stays open; resolves once it has been served. */
export async function hold(to: number | NetConnectOpts): Promise<Held> {
  const held = await refusedOrServed(to)
  if (!held) throw new Error('the connection was closed before it was served')
  return held
}

/** The same, or undefined when the connection is closed instead. */
export async function refusedOrServed(to: number | NetConnectOpts): Promise<Held | undefined> {
  const socket = connect(typeof to === 'number' ? { port: to, host: '127.0.0.1' } : to)
  let heard = ''
  const state = { over: false }
  onTestFinished(() => void socket.destroy())
  socket.setEncoding('latin1').on('data', (chunk: string) => (heard += chunk))
  const ended = new Promise<string>((resolve) => {
    socket.once('end', () => resolve('end'))
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
    socket.once('close', () => resolve('close'))
  }).finally(() => (state.over = true))
  const ask = async (text: string): Promise<string> => {
    heard = ''
    socket.write(text)
    while (heard.length < text.length && !state.over) {
      await Promise.race([new Promise((resolve) => socket.once('data', resolve)), ended])
    }
    return heard
  }
  return (await ask('hello')) === 'hello'
    ? { socket, ask, ended, isOver: () => state.over }
    : undefined
}

/** Whether nobody listens there. */
export function isRefused(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(false)
    })
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'ECONNREFUSED'))
  })
}
