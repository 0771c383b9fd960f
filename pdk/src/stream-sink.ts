import { connect, isIP } from 'node:net'
import type { Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { startDeadline } from './deadline.ts'

/** How a server that speaks TLS is known; spread them among the `properties` of a plugin that sends to one. */
export const tlsFields = {
  tls_sni: {
    type: 'string',
    format: 'host',
    description: 'the name to ask for and to verify; by default that of the server',
  },
  tls_verify: {
    type: 'boolean',
    default: true,
    description: "whether the server's certificate is verified",
  },
  tls_ca: {
    type: 'string',
    format: 'certificates',
    description: "who signs the server's certificate, in PEM; by default the list that Node has",
  },
} as const

/** The values of `tlsFields`. */
export interface TlsConfig {
  readonly tls_sni?: string | undefined
  readonly tls_verify: boolean
  readonly tls_ca?: string | undefined
}

/** A server that takes a stream of bytes. */
export interface StreamDestination {
  readonly host: string
  readonly port: number
  /** Milliseconds for a connect, the handshake included, and for a write; 0 waits without end. */
  readonly timeout: number
  /** Milliseconds after which an idle connection is closed; 0 keeps it. */
  readonly keepalive: number
  /** Absent where the server does not speak TLS. */
  readonly tls?: TlsConfig | undefined
}

/** A connection that is made when there is something to say, kept, and made again when it broke. */
export class StreamSink {
  readonly #destination: StreamDestination
  #socket: Socket | undefined

  constructor(destination: StreamDestination) {
    this.#destination = destination
  }

  /** Resolves when the kernel has taken the text. @throws when it cannot be connected or written in time */
  async write(text: string, signal: AbortSignal): Promise<void> {
    const { timeout, keepalive } = this.#destination
    const deadline = startDeadline(signal, timeout)
    try {
      const socket = this.#usable() ?? (await this.#open(deadline.signal))
      socket.setTimeout(0)
      await within(socket, deadline.signal, (done) => socket.write(text, done))
      socket.setTimeout(keepalive)
    } finally {
      deadline.clear()
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

  async #open(stop: AbortSignal): Promise<Socket> {
    const { tls } = this.#destination
    const socket = tls ? this.#dialTls(tls) : this.#dial()
    // Every fault also closes the socket, and that is what the waiting writer and the next one look at.
    socket.on('error', ignore)
    socket.on('timeout', () => socket.end())
    socket.on('end', () => socket.destroy())
    // Whatever a log server says is of no interest, but unread it would block the end.
    socket.resume()
    this.#socket = socket
    await within(socket, stop, (done) =>
      socket.once(tls ? 'secureConnect' : 'connect', () => done()),
    )
    return socket
  }

  #dial(): Socket {
    const { host, port } = this.#destination
    return connect({ host, port, noDelay: true, keepAlive: true })
  }

  #dialTls({ tls_sni, tls_verify, tls_ca }: TlsConfig): Socket {
    const { host, port } = this.#destination
    const name = tls_sni ?? (isIP(host) === 0 ? host : undefined)
    return connectTls({
      host,
      port,
      rejectUnauthorized: tls_verify,
      ...(tls_ca !== undefined && { ca: tls_ca }),
      ...(name !== undefined && { servername: name }),
    })
  }
}

/** Waits for `start` to call back; a socket that breaks or takes too long is destroyed. */
function within(
  socket: Socket,
  stop: AbortSignal,
  start: (done: (error?: Error | null) => void) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (error?: Error | null): void => {
      socket.off('error', settle)
      socket.off('close', onClose)
      stop.removeEventListener('abort', onAbort)
      if (error) {
        socket.destroy()
        reject(error)
      } else resolve()
    }
    const onClose = (): void => settle(new Error('the connection was closed'))
    const onAbort = (): void => settle(new Error('timed out'))
    if (stop.aborted) return onAbort()
    socket.once('error', settle)
    socket.once('close', onClose)
    stop.addEventListener('abort', onAbort)
    start(settle)
  })
}

function ignore(): void {}
