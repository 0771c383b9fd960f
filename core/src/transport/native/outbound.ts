import type { Endpoint } from '@kong-ts/pdk'
import { Wired } from '../portable/outbound.ts'
import type { Wire } from '../portable/wire.ts'
import type { Patience, Peeked } from '../transport.ts'
import { handOver } from './hand-over.ts'
import type { NativeSocket } from './native-socket.ts'

/** A connected descriptor of the engine, until something needs a socket of Node. */
export class NativeOutbound extends Wired {
  readonly remote: Endpoint
  readonly socket: NativeSocket
  #wire: Wire | undefined

  constructor(socket: NativeSocket, remote: Endpoint) {
    super()
    this.socket = socket
    this.remote = remote
  }

  /** Takes the descriptor from the engine; only the wire is used afterwards. */
  get wire(): Wire {
    this.#wire ??= handOver(this.socket)
    return this.#wire
  }

  peek(atLeast: number, patience: Patience): Promise<Peeked> {
    return this.socket.peek(atLeast, patience)
  }

  discard(): void {
    this.socket.discard()
  }
}
