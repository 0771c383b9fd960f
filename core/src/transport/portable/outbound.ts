import type { Endpoint } from '@kong-ts/pdk'
import type { Outbound, Patience, Peeked } from '../transport.ts'
import { peek } from './peek.ts'
import type { Wire } from './wire.ts'

/** What becomes a socket of Node, if it is not one, when the wire is asked for. */
export abstract class Wired implements Outbound {
  abstract readonly remote: Endpoint
  abstract readonly wire: Wire
  abstract peek(atLeast: number, patience: Patience): Promise<Peeked>
  abstract discard(): void
}

/** A connected socket of Node. */
export class PortableOutbound extends Wired {
  readonly remote: Endpoint
  readonly wire: Wire

  constructor(wire: Wire, remote: Endpoint) {
    super()
    this.wire = wire
    this.remote = remote
  }

  peek(atLeast: number, patience: Patience): Promise<Peeked> {
    return peek(this.wire, atLeast, patience)
  }

  discard(): void {
    this.wire.interrupt?.()
    this.wire.destroy()
  }
}
