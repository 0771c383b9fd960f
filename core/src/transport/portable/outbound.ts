import type { Endpoint } from '@kong-ts/pdk'
import type { Outbound, Patience, Peeked } from '../transport.ts'
import { peek } from './peek.ts'
import type { Wire } from './wire.ts'

/** A connected socket of Node. */
export class PortableOutbound implements Outbound {
  readonly remote: Endpoint
  readonly wire: Wire

  constructor(wire: Wire, remote: Endpoint) {
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
