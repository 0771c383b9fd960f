import { createSocket } from 'node:dgram'
import type { Socket } from 'node:dgram'
import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { startDeadline } from '../deadline.ts'
import type { Loss } from './outbox.ts'

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
 * Sends datagrams (UDP). What cannot be sent, and what the server's machine says it has thrown away, is told as lost;
 * what is lost on the way nobody learns.
 */
export class DatagramSink {
  readonly #destination: DatagramDestination
  #socket: Socket | undefined
  #openedAt = 0
  /** What the system has said of datagrams since the last ones were sent. */
  #told: Loss[] = []

  constructor(destination: DatagramDestination) {
    this.#destination = destination
  }

  /**
   * Resolves when the kernel has taken them, with what was lost, of these or of earlier ones.
   * @throws when the server's name cannot be looked up; nothing is sent then
   */
  async send(datagrams: readonly string[], signal: AbortSignal): Promise<readonly Loss[]> {
    const socket = this.#usable() ?? (await this.#open(signal))
    for (const datagram of datagrams) {
      const failure = await sendOn(socket, datagram)
      if (failure !== undefined) await this.#lose(failure, socket, datagram)
    }
    // Sending never waits: whoever has much to send would keep the event loop from everything else.
    await new Promise(setImmediate)
    return this.#told.splice(0)
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
    // A refusal is told to whoever comes first: the next datagram, or who waits for answers.
    socket.on('error', (error) => this.#told.push(wordLoss(error, `${host}:${port}`)))
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
    const place = `${this.#destination.host}:${this.#destination.port}`
    const loss = wordLoss(failure, place)
    this.#told.push(loss)
    if (loss.reason !== 'refused') return
    // The refusal is that of an earlier datagram (RFC 1122 section 4.1.3.3); this one has not been sent yet.
    const again = await sendOn(socket, datagram)
    if (again !== undefined) this.#told.push(wordLoss(again, place))
  }
}

function end(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined)
    else signal.addEventListener('abort', () => resolve(undefined), { once: true })
  })
}

function wordLoss({ code, message }: NodeJS.ErrnoException, place: string): Loss {
  if (code === 'EMSGSIZE') {
    return { count: 1, reason: 'too_large', why: `too large for a datagram to ${place}` }
  }
  if (code === 'ECONNREFUSED') {
    return { count: 1, reason: 'refused', why: `nobody listens at ${place}` }
  }
  return { count: 1, reason: 'error', why: message }
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
