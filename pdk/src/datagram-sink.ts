import { createSocket } from 'node:dgram'
import type { Socket } from 'node:dgram'
import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { startDeadline } from './deadline.ts'
import type { Losses } from './losses.ts'

/** Milliseconds after which a name is looked up again: nothing tells that its address has changed. */
const freshness = 60_000

/** A server that takes datagrams. */
export interface DatagramDestination {
  readonly host: string
  readonly port: number
  /** Milliseconds for looking up its name; 0 waits without end. */
  readonly timeout: number
}

/**
 * Sends datagrams (UDP). What cannot be sent, and what the server's machine says it has thrown away, is counted as lost;
 * what is lost on the way nobody learns.
 */
export class DatagramSink {
  readonly #destination: DatagramDestination
  readonly #losses: Losses
  #socket: Socket | undefined
  #openedAt = 0

  constructor(destination: DatagramDestination, losses: Losses) {
    this.#destination = destination
    this.#losses = losses
  }

  /** Resolves when the kernel has taken them. @throws when the server's name cannot be looked up; nothing is sent then */
  async send(datagrams: readonly string[], signal: AbortSignal): Promise<void> {
    const socket = this.#usable() ?? (await this.#open(signal))
    for (const datagram of datagrams) {
      const failure = await sendOn(socket, datagram)
      if (failure !== undefined) await this.#lose(failure, socket, datagram)
    }
    // Sending never waits: whoever has much to send would keep the event loop from everything else.
    await new Promise(setImmediate)
  }

  close(): void {
    this.#socket?.close()
    this.#socket = undefined
  }

  #usable(): Socket | undefined {
    const isStale = performance.now() - this.#openedAt > freshness
    return isIP(this.#destination.host) !== 0 || !isStale ? this.#socket : undefined
  }

  async #open(signal: AbortSignal): Promise<Socket> {
    const { host, port } = this.#destination
    const { address, family } = await this.#lookUp(signal)
    this.close()
    const socket = createSocket(family === 6 ? 'udp6' : 'udp4')
    try {
      await connect(socket, port, address)
    } catch (error) {
      socket.close()
      throw error
    }
    // What is wrong is told to the next datagram.
    socket.on('error', ignore)
    if (signal.aborted) {
      socket.close()
      throw new Error(`${host}: it is too late to send`)
    }
    this.#socket = socket
    this.#openedAt = performance.now()
    return socket
  }

  async #lookUp(signal: AbortSignal): Promise<{ address: string; family: number }> {
    const { host, timeout } = this.#destination
    const family = isIP(host)
    if (family !== 0) return { address: host, family }
    const deadline = startDeadline(signal, timeout)
    try {
      // Without a second try over another family it has to be the right one, and most log servers have IPv4.
      const looking = lookup(host, { order: 'ipv4first' })
      const found = await Promise.race([looking, end(deadline.signal)])
      if (found !== undefined) return found
    } finally {
      deadline.clear()
    }
    throw new Error(`looking up ${host} timed out`)
  }

  async #lose(failure: NodeJS.ErrnoException, socket: Socket, datagram: string): Promise<void> {
    const { host, port } = this.#destination
    if (failure.code !== 'ECONNREFUSED') {
      return this.#losses.add(1, wordFailure(failure, `${host}:${port}`))
    }
    // The refusal is that of an earlier datagram (RFC 1122 section 4.1.3.3); this one has not been sent yet.
    this.#losses.add(1, `nobody listens at ${host}:${port}`)
    const again = await sendOn(socket, datagram)
    if (again !== undefined) this.#losses.add(1, wordFailure(again, `${host}:${port}`))
  }
}

function end(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined)
    else signal.addEventListener('abort', () => resolve(undefined), { once: true })
  })
}

function wordFailure({ code, message }: NodeJS.ErrnoException, place: string): string {
  if (code === 'EMSGSIZE') return `too large for a datagram to ${place}`
  if (code === 'ECONNREFUSED') return `nobody listens at ${place}`
  return message
}

function connect(socket: Socket, port: number, address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject)
    socket.connect(port, address, () => {
      socket.off('error', reject)
      resolve()
    })
  })
}

function sendOn(socket: Socket, datagram: string): Promise<NodeJS.ErrnoException | undefined> {
  return new Promise((resolve) => {
    socket.send(datagram, (error) => resolve(error ?? undefined))
  })
}

function ignore(): void {}
