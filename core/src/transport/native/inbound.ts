import type { Awaitable, Endpoint, TlsFacts } from '@kong-ts/pdk'
import { PortableInbound } from '../portable/inbound.ts'
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
import { connect } from './connect.ts'
import { handOver } from './hand-over.ts'
import { NativeSocket, nobody } from './native-socket.ts'
import { NativeOutbound } from './outbound.ts'
import { NativeRelay } from './relay.ts'
import { say } from './say.ts'
import { secure, type Shown } from './secure.ts'
import { serverContext } from './server-context.ts'

/** An accepted descriptor of the engine, until something needs a socket of Node. */
export class NativeInbound implements Inbound {
  readonly remote: Endpoint
  readonly local: Endpoint
  readonly age: number
  static #gone: NativeSocket | undefined
  #socket: NativeSocket
  /** What it has become, once it was handed over. */
  #portable: PortableInbound | undefined

  constructor(socket: NativeSocket, remote: Endpoint, local: Endpoint, age = 0) {
    this.#socket = socket
    this.remote = remote
    this.local = local
    this.age = age
  }

  get closed(): boolean {
    return this.#portable ? this.#portable.closed : this.#socket.closed
  }

  peek(atLeast: number, patience: Patience): Promise<Peeked> {
    return (this.#portable ?? this.#socket).peek(atLeast, patience)
  }

  look<T>(atLeast: number, patience: Patience, see: See<T>): Awaitable<T> {
    return this.#portable
      ? this.#portable.look(atLeast, patience, see)
      : this.#socket.look(atLeast, patience, see)
  }

  skip(count: number): void {
    if (this.#portable) this.#portable.skip(count)
    else this.#socket.skip(count)
  }

  say(bytes: Uint8Array, deadline: number): Promise<void> {
    return this.#portable ? this.#portable.say(bytes, deadline) : say(this.#socket, bytes, deadline)
  }

  secure(options: ServerTls, patience: Patience): Promise<Secured> {
    const { tls } = this.#socket.hub.addon
    const context = tls && !this.#portable ? serverContext(tls, options.context) : undefined
    if (!tls || !context) return this.#handOver().secure(options, patience)
    return secure(tls, context, this.#socket, options, patience).then(
      (shown) => new NativeSecured(this.#socket, this, shown),
    )
  }

  connect(target: Endpoint, options: ConnectOptions): Promise<Outbound> {
    return this.#portable
      ? this.#portable.connect(target, options)
      : connect(this.#socket.hub, this.#socket.id, target, options)
  }

  relay(upstream: Outbound, options: RelayOptions): Relay {
    if (this.#isPlain(upstream, options)) {
      const relay = NativeRelay.start(this.#socket, upstream.socket, options)
      if (relay) {
        // The descriptor is the relay's: one object stands for all sockets that are gone, as long as bytes flow.
        this.#socket = NativeInbound.#gone ??= new NativeSocket(this.#socket.hub, nobody, false)
        return relay
      }
    }
    return this.#handOver().relay(upstream, options)
  }

  end(farewell?: Uint8Array): void {
    if (this.#portable) this.#portable.end(farewell)
    // Between the first and the last byte of a handshake there is no way to say anything.
    else if (this.#socket.isSecuring) this.#socket.discard()
    else this.#socket.end(farewell)
  }

  reset(): void {
    if (this.#portable) this.#portable.reset()
    else this.#socket.reset()
  }

  /** Whether no JavaScript has to see the bytes. */
  #isPlain(
    upstream: Outbound,
    { observers, transforms }: RelayOptions,
  ): upstream is NativeOutbound {
    if (this.#portable || !(upstream instanceof NativeOutbound)) return false
    return isEmpty(observers) && isEmpty(transforms)
  }

  #handOver(): PortableInbound {
    this.#portable ??= new PortableInbound(handOver(this.#socket), this.remote, this.local)
    return this.#portable
  }
}

function isEmpty({ upload, download }: RelayOptions['observers' | 'transforms']): boolean {
  return upload.length === 0 && download.length === 0
}

/** One that the engine decrypts. */
class NativeSecured extends NativeInbound implements Secured {
  readonly tls: TlsFacts
  readonly serverName: string | undefined

  constructor(socket: NativeSocket, plain: Inbound, { tls, serverName }: Shown) {
    super(socket, plain.remote, plain.local)
    this.tls = tls
    this.serverName = serverName
  }
}
