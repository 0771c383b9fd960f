import type { Endpoint, TlsFacts } from '@kong-ts/pdk'
import type {
  ConnectOptions,
  Inbound,
  Outbound,
  Patience,
  Peeked,
  Relay,
  RelayOptions,
  Secured,
  See,
  ServerTls,
} from '../transport.ts'
import { closeInOrder } from './close.ts'
import { connect } from './connect.ts'
import { Wired } from './outbound.ts'
import { peek } from './peek.ts'
import { relay } from './relay.ts'
import { say } from './say.ts'
import { secure } from './secure.ts'
import type { Wire } from './wire.ts'

/** An accepted socket of Node. */
export class PortableInbound implements Inbound {
  readonly remote: Endpoint
  readonly local: Endpoint
  #wire: Wire
  #securing = false

  constructor(wire: Wire, remote: Endpoint, local: Endpoint) {
    this.#wire = wire
    this.remote = remote
    this.local = local
  }

  get closed(): boolean {
    return this.#wire.isClosed
  }

  peek(atLeast: number, patience: Patience): Promise<Peeked> {
    return peek(this.#wire, atLeast, patience)
  }

  look<T>(atLeast: number, patience: Patience, see: See<T>): Promise<T> {
    return this.peek(atLeast, patience).then(({ bytes, ended }) => see(bytes, ended))
  }

  skip(count: number): void {
    this.#wire.skip(count)
  }

  say(bytes: Uint8Array, deadline: number): Promise<void> {
    return say(this.#wire, bytes, deadline)
  }

  async secure(options: ServerTls, patience: Patience): Promise<Secured> {
    this.#securing = true
    const { wire, tls, serverName } = await secure(this.#wire, options, patience)
    return new PortableSecured(wire, this, tls, serverName)
  }

  connect(target: Endpoint, options: ConnectOptions): Promise<Outbound> {
    return connect(target, options)
  }

  relay(upstream: Outbound, options: RelayOptions): Relay {
    if (!(upstream instanceof Wired)) {
      throw new TypeError('the upstream belongs to another transport')
    }
    return relay(this.#wire, upstream.wire, options)
  }

  end(farewell?: Uint8Array): void {
    // Between the first and the last byte of a handshake there is no way to say anything.
    if (this.#securing) this.#wire.destroy()
    else closeInOrder(this.#wire, farewell)
  }

  reset(): void {
    this.#wire.interrupt?.()
    this.#wire.reset()
  }
}

class PortableSecured extends PortableInbound implements Secured {
  readonly tls: TlsFacts
  readonly serverName: string | undefined

  constructor(wire: Wire, plain: Inbound, tls: TlsFacts, serverName: string | undefined) {
    super(wire, plain.remote, plain.local)
    this.tls = tls
    this.serverName = serverName
  }
}
