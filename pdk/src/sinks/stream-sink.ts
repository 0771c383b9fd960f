import { connect, isIP } from 'node:net'
import type { Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { startDeadline } from '../deadline.ts'
import type { Log } from '../kit.ts'
import { reasonOf } from '../reason-of.ts'
import { ServerTrust } from './server-trust.ts'
import type { TlsConfig } from './server-trust.ts'

/** Bytes that a server has to take in time: a slow one is not given up while it goes on. */
const portion = 65_536

/** Milliseconds between two lines about connections that broke. */
const interval = 60_000

/** A server that takes a stream of bytes. */
export interface StreamDestination {
  readonly host: string
  readonly port: number
  /** Milliseconds for a connect, the handshake included, and for every 64 KiB; 0 waits without end. */
  readonly timeout: number
  /** Milliseconds after which an idle connection is closed; 0 keeps it. */
  readonly keepalive: number
  /** Absent where the server does not speak TLS. */
  readonly tls?: TlsConfig | undefined
  /** PEM certificates that verify it where `tls` names none, as the kit has them; absent: the system's. */
  readonly trusted?: readonly string[] | undefined
  /** Hears of connections that broke after something had been written. */
  readonly log: Log
}

/** A connection that is made when there is something to say, kept, and made again when it broke. */
export class StreamSink {
  readonly #destination: StreamDestination
  readonly #place: string
  readonly #trust: ServerTrust | undefined
  #socket: Socket | undefined
  #isWriting = false
  /** Whether the connection has taken something whole. */
  #hasTaken = false
  #mournedAt = -Infinity

  constructor(destination: StreamDestination) {
    const { host, port, tls, trusted } = destination
    this.#destination = destination
    this.#place = `${host}:${port}`
    this.#trust = tls && new ServerTrust(tls, trusted)
  }

  /** Resolves when the kernel has taken it. @throws when it cannot be connected or written in time */
  async write(sent: string | Uint8Array, signal: AbortSignal): Promise<void> {
    this.#isWriting = true
    try {
      const socket = this.#usable() ?? (await this.#open(signal))
      socket.setTimeout(0)
      const bytes = typeof sent === 'string' ? Buffer.from(sent) : sent
      for (let from = 0; from < bytes.length; from += portion) {
        const part = bytes.subarray(from, from + portion)
        await this.#inTime(socket, signal, (done) => socket.write(part, done))
      }
      this.#hasTaken = true
      socket.setTimeout(this.#destination.keepalive)
    } catch (error) {
      const reason = this.#trust?.word(error) ?? reasonOf(error)
      throw new Error(`${this.#place}: ${reason}`, { cause: error })
    } finally {
      this.#isWriting = false
    }
  }

  /** Ends the connection in order. */
  close(): void {
    this.#socket?.end()
    this.#socket?.setTimeout(this.#destination.timeout || 1000, () => this.#socket?.destroy())
  }

  /** A peer that has ended its side takes nothing more. */
  #usable(): Socket | undefined {
    return this.#socket?.writable && !this.#socket.readableEnded ? this.#socket : undefined
  }

  async #open(signal: AbortSignal): Promise<Socket> {
    const socket = this.#trust ? this.#dialTls(this.#trust) : this.#dial()
    // Every fault also closes the socket, and that is what the waiting writer and the next one look at.
    socket.on('error', (error) => this.#mourn(error))
    socket.on('timeout', () => endOrDestroy(socket))
    socket.on('end', () => {
      if (this.#isWriting) this.#mourn(new Error(closed))
      socket.destroy()
    })
    // Whatever a log server says is of no interest, but unread it would block the end.
    socket.resume()
    this.#socket = socket
    this.#hasTaken = false
    await this.#inTime(socket, signal, (done) =>
      socket.once(this.#trust ? 'secureConnect' : 'connect', () => done()),
    )
    return socket
  }

  async #inTime(socket: Socket, signal: AbortSignal, start: Start): Promise<void> {
    const deadline = startDeadline(signal, this.#destination.timeout)
    try {
      await within(socket, deadline.signal, start)
    } finally {
      deadline.clear()
    }
  }

  /** A server that breaks a connection off has thrown away what it had not read: nobody knows how much that is. */
  #mourn(error: Error): void {
    const now = performance.now()
    if (!this.#hasTaken || now - this.#mournedAt < interval) return
    this.#mournedAt = now
    this.#destination.log.warn(
      { error: `${this.#place}: ${error.message}` },
      'the connection broke: what was written last may be lost, and is not counted as dropped',
    )
  }

  #dial(): Socket {
    const { host, port } = this.#destination
    return connect({ host, port, noDelay: true, keepAlive: true })
  }

  #dialTls({ options }: ServerTrust): Socket {
    const { host, port, tls } = this.#destination
    const name = tls?.tls_sni ?? (isIP(host) === 0 ? host : undefined)
    return connectTls({ host, port, ...options, ...(name !== undefined && { servername: name }) })
  }
}

/** A server that does not end its side, too, has as long for it as it was idle before. */
function endOrDestroy(socket: Socket): void {
  if (socket.writableEnded) socket.destroy()
  else socket.end().setTimeout(socket.timeout ?? 0)
}

const closed = 'the connection was closed'

type Start = (done: (error?: Error | null) => void) => void

/** Waits for `start` to call back; a socket that breaks or takes too long is destroyed. */
function within(socket: Socket, stop: AbortSignal, start: Start): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (error?: NodeJS.ErrnoException | null): void => {
      socket.off('error', settle)
      socket.off('close', onClose)
      stop.removeEventListener('abort', onAbort)
      if (error) {
        socket.destroy()
        reject(error.code === 'ERR_STREAM_DESTROYED' ? new Error(closed) : error)
      } else resolve()
    }
    const onClose = (): void => settle(new Error(closed))
    const onAbort = (): void => settle(new Error('timed out'))
    if (stop.aborted) return onAbort()
    socket.once('error', settle)
    socket.once('close', onClose)
    stop.addEventListener('abort', onAbort)
    start(settle)
  })
}
