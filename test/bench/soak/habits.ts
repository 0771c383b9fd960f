import { connect, type Socket } from 'node:net'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import { setTimeout as pause } from 'node:timers/promises'
import { loopback } from '../network.ts'
import { names, sources } from './site.ts'

/** What a client does. It answers whether it got what it is due; undefined: nothing was due. */
export type Habit = (port: number, turn: number) => Promise<boolean | undefined>

/** Milliseconds after which a client does not wait any more. */
const patience = 30_000

function dial(port: number, source: keyof typeof sources): Socket {
  const to = { port, host: loopback, localAddress: sources[source], allowHalfOpen: true }
  return connect(to).on('error', () => undefined)
}

function dialTls(port: number, servername: string, session?: Buffer): TLSSocket {
  const socket = dial(port, 'echo')
  const options = { socket, servername, rejectUnauthorized: false }
  return connectTls({ ...options, ...(session && { session }) }).on('error', () => undefined)
}

/** All that it gets until its end, or until there is enough of it. */
function receive(socket: Socket, enough = Infinity): Promise<Buffer> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    let size = 0
    const late = setTimeout(() => socket.destroy(), patience)
    const settle = (): void => {
      clearTimeout(late)
      resolve(Buffer.concat(chunks))
    }
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk)
      size += chunk.length
      if (size >= enough) settle()
    })
    socket.once('end', settle).once('close', settle)
  })
}

function ended(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.destroyed) resolve()
    else socket.once('close', () => resolve())
  })
}

/** Says something in one go, ends its side, and hears all of it back: half-close. */
async function isEchoed(socket: Socket, said: Buffer | string): Promise<boolean> {
  const heard = receive(socket)
  socket.end(said)
  const isSame = (await heard).equals(Buffer.from(said))
  socket.destroy()
  return isSame
}

/** Says something, hears all of it back, and ends then. */
async function isAnswered(socket: Socket, said: Buffer | string): Promise<boolean> {
  const heard = receive(socket, said.length)
  socket.write(said)
  const isSame = (await heard).equals(Buffer.from(said))
  await leave(socket, 0, 'end')
  return isSame
}

async function leave(
  socket: Socket,
  milliseconds: number,
  how: 'reset' | 'end',
): Promise<undefined> {
  socket.resume()
  await pause(milliseconds)
  if (how === 'reset') socket.resetAndDestroy()
  else socket.end()
  const late = setTimeout(() => socket.destroy(), patience)
  await ended(socket)
  clearTimeout(late)
}

const bulk = Buffer.alloc(
  4 * 2 ** 20,
  'a number of bytes that is prime to every buffer on the way;',
)
/** Says that it is a ClientHello of 600 bytes, and stops. */
const halfHello = Buffer.from([22, 3, 1, 2, 88, 1, 0, 2, 84, 3, 3])

async function trickle(port: number): Promise<boolean> {
  const socket = dial(port, 'echo')
  const heard = receive(socket)
  for (const byte of 'trickled') {
    socket.write(byte)
    await pause(40)
  }
  socket.end()
  return (await heard).toString() === 'trickled'
}

/** Asks, is silent for a while after it has ended its side of a session, and hears the rest. */
async function linger(port: number): Promise<boolean> {
  const socket = dial(port, 'closer')
  const heard = await receive(socket)
  await pause(500)
  socket.end()
  return heard.toString() === 'bye'
}

/** A handshake, and another one with its session. */
async function resume(port: number): Promise<boolean> {
  const first = dialTls(port, names.ends)
  const session = new Promise<Buffer | undefined>((resolve) => {
    first.once('session', resolve).once('close', () => resolve(undefined))
  })
  const isHeard = await isAnswered(first, 'first')
  const second = dialTls(port, names.ends, await session)
  return (await isAnswered(second, 'second')) && isHeard
}

async function deafen(port: number): Promise<undefined> {
  const socket = dial(port, 'echo').pause()
  socket.write(bulk)
  await pause(300)
  socket.destroy()
  await ended(socket)
}

/** In turn; what does more is done less often. */
export const habits: Readonly<Record<string, Habit>> = {
  'a request and its answer': (port, turn) => isEchoed(dial(port, 'echo'), `turn ${turn}`),
  'a reset at once': (port) => leave(dial(port, 'echo'), 0, 'reset'),
  'a reset after three bytes': (port, turn) => {
    const socket = dial(port, 'echo')
    socket.write('abc')
    return leave(socket, turn % 7, 'reset')
  },
  'silence, then the end': (port) => leave(dial(port, 'echo'), 50, 'end'),
  'half a ClientHello, then a reset': (port, turn) => {
    const socket = dial(port, 'echo')
    socket.write(halfHello)
    return leave(socket, turn % 50, 'reset')
  },
  'half a ClientHello, then the end': (port) => {
    const socket = dial(port, 'echo')
    socket.write(halfHello)
    return leave(socket, 20, 'end')
  },
  'a reset in the handshake': async (port, turn) => {
    const socket = dial(port, 'echo')
    const options = { socket, servername: names.ends, rejectUnauthorized: false }
    connectTls(options).on('error', () => undefined)
    return leave(socket, turn % 9, 'reset')
  },
  'a reset of a TLS session': async (port, turn) => {
    const socket = dialTls(port, names.ends)
    socket.write('hello')
    await pause(turn % 30)
    socket.destroy()
  },
  'TLS, then the same session again': resume,
  'TLS that passes by its name': (port, turn) =>
    isAnswered(dialTls(port, names.passes), `turn ${turn}`),
  'an upstream that resets': (port) => {
    const socket = dial(port, 'resetter')
    socket.write('x')
    return leave(socket, 20, 'end')
  },
  'an upstream that is not there': (port) => leave(dial(port, 'dead'), 20, 'end'),
  'an end that is answered late': linger,
  'a byte at a time': trickle,
  'bulk both ways': (port) => isEchoed(dial(port, 'echo'), bulk),
  'bulk both ways over TLS': (port) => isAnswered(dialTls(port, names.ends), bulk),
  'bulk that is never read': deafen,
}
