import type { Endpoint } from '@kong-ts/pdk'
import type { Outbound, Patience, Peeked } from '../transport.ts'
import type { NativeSocket } from './native-socket.ts'

/** A connected descriptor of the engine. */
export class NativeOutbound implements Outbound {
  readonly remote: Endpoint
  readonly socket: NativeSocket

  constructor(socket: NativeSocket, remote: Endpoint) {
    this.socket = socket
    this.remote = remote
  }

  peek(atLeast: number, patience: Patience): Promise<Peeked> {
    return this.socket.peek(atLeast, patience)
  }

  discard(): void {
    this.socket.discard()
  }
}
