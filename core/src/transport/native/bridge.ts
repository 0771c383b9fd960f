import { constants } from 'node:os'
import { Socket } from 'node:net'
import { ignoreError, Wire } from '../portable/wire.ts'
import { adopt } from './adopt.ts'
import type { Ending } from './hub.ts'
import type { NativeSocket } from './native-socket.ts'
import { systemError } from './system-error.ts'

/** Milliseconds: who bridges watches the session, and ends it. */
const forever = Number.MAX_SAFE_INTEGER
/** Milliseconds in which a peer takes what was sent to it before both sides had ended. */
const drainLimit = 60_000
/** As `How` and `Side` in `addon/relay.h`. */
const resetByClient = 1 << 8

/**
 * A socket of Node for a connection that the engine encrypts, for plugins that see bytes: the engine relays between the
 * connection and one end of a pair of sockets, and Node has the other. A session of OpenSSL cannot be handed over.
 */
export function bridge(socket: NativeSocket): Wire {
  const { hub } = socket
  const { addon } = hub
  socket.interrupt()
  const inner = addon.pair()
  if (inner < 0) return broken(socket, systemError('socketpair', -inner))
  const stream = adopt(hub.code)
  stream.on('error', ignoreError)
  const relay = addon.relay(socket.id, inner, forever, forever, -1, -1)
  if (relay < 0) {
    addon.discard(inner)
    stream.destroy(socket.fault ?? undefined)
    return new Wire(stream, stream, false)
  }
  const wire = new BridgedWire(stream, socket, relay)
  hub.awaitEnd(wire)
  return wire
}

function broken(socket: NativeSocket, fault: Error): Wire {
  socket.discard()
  const stream = new Socket()
  stream.on('error', ignoreError)
  stream.destroy(fault)
  return new Wire(stream, stream, false)
}

class BridgedWire extends Wire implements Ending {
  readonly id: number
  readonly #socket: NativeSocket
  #timer: NodeJS.Timeout | undefined

  constructor(stream: Socket, socket: NativeSocket, relay: number) {
    super(stream, stream, false)
    this.id = relay
    this.#socket = socket
    stream.once('close', () => this.#closed())
  }

  /** A pair has no RST: the engine is told to send one. */
  override reset(): void {
    this.#stop(true)
    this.destroy()
  }

  /** The record comes before Node can read an end from the pair, which would pass for an orderly one. */
  ended(code: number): void {
    clearTimeout(this.#timer)
    if (code === resetByClient) this.stream.destroy(systemError('read', constants.errno.ECONNRESET))
  }

  #closed(): void {
    const { readableEnded, writableFinished, errored } = this.stream
    if (!readableEnded || !writableFinished || errored) this.#stop(false)
    else this.#timer = setTimeout(() => this.#stop(true), drainLimit)
  }

  #stop(rst: boolean): void {
    this.#socket.hub.addon.stop(this.id, rst)
  }
}
