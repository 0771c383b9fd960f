import type { BoundSocket } from 'node:net'
import type { SecureContext, SecureVersion } from 'node:tls'
import type { Transform } from 'node:stream'
import type { Awaitable, Direction, Endpoint, TlsFacts } from '@kong-ts/pdk'

/**
 * The seam between the gateway and sockets: everything above `transport/` talks to these interfaces, never to
 * `node:net` or `node:tls`. Deadlines are absolute, in milliseconds of `performance.now()`.
 */
export interface Transport {
  readonly name: 'portable' | 'native'
  /** Starts to accept on a socket that is bound already. */
  listen(options: ListenOptions, accept: (inbound: Inbound) => void): Promise<Listening>
  /** Connects to an address, a host name or `unix:PATH` for a client that is still to come: any inbound relays to it. */
  connect(target: Endpoint, options: ConnectOptions): Promise<Outbound>
  /**
   * @param low bytes
   * @param hear called when fewer than `low` are left, and when a direction waits for some; at most twice between
   *   two grants, and never by a call of this transport
   */
  allowance(low: number, hear: () => void): Allowance
}

/**
 * Bytes that may pass, shared by directions of this transport's relays; empty at first. Those that find it empty wait
 * in line, and share a grant evenly.
 */
export interface Allowance {
  /** May be below zero: bytes that were peeked pass in any case, and what is only counted is not held back. */
  readonly left: number
  /** @param bytes below zero: so many fewer may pass */
  grant(bytes: number): void
  /** Whoever draws from it is not held back by it any more. */
  close(): void
}

/** How a direction takes its bytes out of an allowance. */
export interface Draw {
  readonly allowance: Allowance
  /** What passes is counted, and never held back. */
  readonly isSoft: boolean
}

export interface ListenOptions {
  /** A bound socket of this process, or a descriptor that was inherited. */
  readonly socket: BoundSocket | { readonly fd: number }
  /** The address as configured; a unix socket's is `unix:PATH`. */
  readonly address: Endpoint
  /** Length of the accept queue. */
  readonly backlog: number
  /** Seconds of silence before the kernel probes the client; 0 switches probing off. */
  readonly keepAlive: number
}

/** A listening socket. */
export interface Listening {
  /** Stops accepting; resolves when no further connection will be handed out. Live ones go on. */
  close(): Promise<void>
}

/** How long to wait. */
export interface Patience {
  /** `performance.now()` milliseconds; Infinity waits without end. */
  readonly deadline: number
  /** Gives up earlier; what waited rejects with a TransportError `cancelled`. */
  readonly signal?: AbortSignal
}

export type TransportFailure =
  | 'cancelled'
  | 'timeout'
  | 'reset'
  | 'closed'
  | 'refused'
  | 'unreachable'
  | 'dns'
  | 'handshake'
  | 'unverified'
  | 'failed'

/** Why a peek, a handshake or a connect did not succeed. */
export class TransportError extends Error {
  override readonly name = 'TransportError'
  readonly failure: TransportFailure
  constructor(failure: TransportFailure, message: string, options?: ErrorOptions) {
    super(message, options)
    this.failure = failure
  }
}

/** What a look at the first bytes showed. */
export interface Peeked {
  /** All bytes that have arrived; not consumed. */
  readonly bytes: Uint8Array
  /** The peer has ended its side: there will be no more. */
  readonly ended: boolean
}

/** Is shown bytes that are there while it runs, and not to be kept. */
export type See<T> = (bytes: Uint8Array, ended: boolean) => T

/** Either side of a connection before the bytes flow. */
export interface Side {
  /**
   * Resolves once `atLeast` bytes have arrived, or the peer has ended its side; consumes nothing.
   * Rejects with a TransportError: `timeout` and `cancelled` leave the connection usable.
   * One peek at a time.
   */
  peek(atLeast: number, patience: Patience): Promise<Peeked>
}

/** One accepted connection of which nobody has consumed a byte. */
export interface Inbound extends Side {
  /** Milliseconds since it was accepted, when it was handed out; absent: it was handed out at once. */
  readonly age?: number
  readonly remote: Endpoint
  readonly local: Endpoint
  /**
   * Like `peek`, for whoever needs the bytes only for a moment: answers with what `see` makes of them, at once where
   * they have arrived.
   */
  look<T>(atLeast: number, patience: Patience, see: See<T>): Awaitable<T>
  /** Consumes bytes that were peeked (a PROXY header). */
  skip(count: number): void
  /**
   * Sends bytes before anything else flows; resolves once the kernel has them. One at a time, and it is over before
   * anything but a peek begins. Rejects with a TransportError: after `timeout` nobody knows how many were sent.
   * @param deadline `performance.now()` milliseconds
   */
  say(bytes: Uint8Array, deadline: number): Promise<void>
  /** Runs the server's side of a TLS handshake; peeked bytes are part of it. Afterwards only the answer is used. */
  secure(options: ServerTls, patience: Patience): Promise<Secured>
  connect(target: Endpoint, options: ConnectOptions): Promise<Outbound>
  /** Moves bytes both ways until both sides have ended; half-close is kept. Afterwards only the relay is used. */
  relay(upstream: Outbound, options: RelayOptions): Relay
  /**
   * Sends the farewell, ends this side, discards what the client still sends for at most 64 KiB or 1 s and closes:
   * unread bytes must not turn a farewell into a reset.
   */
  end(farewell?: Uint8Array): void
  reset(): void
  /** Called once, when the peer resets while nobody peeks, secures or relays. */
  readonly closed: boolean
}

/** An inbound whose bytes are decrypted. */
export interface Secured extends Inbound {
  readonly tls: TlsFacts
  /** The SNI of the handshake itself, to compare with the one that was routed; a TLS 1.2 session that resumes has none. */
  readonly serverName: string | undefined
}

/** What a server presents. It is told from others by identity: whoever builds something of it does so once. */
export interface ServerContext {
  readonly options: ServerContextOptions
  /** Node's own, built at first use. It throws where the options cannot be used. */
  readonly secureContext: SecureContext
}

/** In the words of `tls.createSecureContext`, with every default written out. */
export interface ServerContextOptions {
  /** A chain for each type of key, and its key at the same place. */
  readonly cert: readonly string[]
  readonly key: readonly string[]
  /** Who signs client certificates. */
  readonly ca: readonly string[]
  readonly allowPartialTrustChain: boolean
  readonly minVersion: SecureVersion
  readonly maxVersion: SecureVersion
  readonly ciphers: string
  readonly honorCipherOrder: boolean
  readonly dhparam?: 'auto'
  readonly ticketKeys: Buffer
  readonly sessionIdContext: string
  readonly sessionTimeout: number
  readonly secureOptions: number
}

export interface ServerTls {
  readonly context: ServerContext
  /** Whether to ask for a client certificate; `required` refuses the handshake without a verified one. */
  readonly clientCertificate: 'none' | 'optional' | 'required'
  /** Protocols offered to the client (RFC 7301), in the gateway's order; empty: no ALPN. */
  readonly alpn: readonly string[]
}

export interface ConnectOptions {
  readonly deadline: number
  /** Seconds; 0 switches probing off. */
  readonly keepAlive: number
  readonly tls?: ClientTls
  /** Sent once connected, before TLS begins; no relay counts it. */
  readonly first?: Uint8Array
}

export interface ClientTls {
  /** SNI to send and name to verify; absent: no SNI, and verification checks the chain and the target's address. */
  readonly serverName?: string
  readonly verify: boolean
  /** Longest chain above the leaf. */
  readonly verifyDepth?: number
  /** PEM; absent: the system's. */
  readonly ca?: readonly string[]
  readonly certificate?: { readonly cert: string; readonly key: string }
  readonly alpn?: readonly string[]
}

/** A connected upstream of which nobody has consumed a byte. */
export interface Outbound extends Side {
  /** The address that was reached. */
  readonly remote: Endpoint
  /** Closes it unused. */
  discard(): void
}

export interface RelayOptions {
  /** Milliseconds without a byte in either direction after which the session ends. */
  readonly readTimeout: number
  readonly writeTimeout: number
  readonly observers: { readonly [D in Direction]: readonly ((chunk: Uint8Array) => void)[] }
  readonly transforms: { readonly [D in Direction]: readonly Transform[] }
  readonly throttle: { readonly [D in Direction]?: Rate | undefined }
  /** What a direction draws its bytes from; all of these hold. */
  readonly draws?: { readonly [D in Direction]: readonly Draw[] } | undefined
}

/** A limit of one direction. */
export interface Rate {
  /** 0: nothing passes until there is another rate. */
  readonly bytesPerSecond: number
  /** Bytes that may pass at once after a pause; a tenth of a second's by default, and at least. */
  readonly burst?: number | undefined
}

export interface Bytes {
  /** From the client, before and after transforms. */
  readonly clientReceived: number
  readonly upstreamSent: number
  /** From the upstream, before and after transforms. */
  readonly upstreamReceived: number
  readonly clientSent: number
}

export interface RelayEnd {
  readonly by: 'client' | 'upstream' | 'gateway'
  /** `fin`: both sides ended in order; `by` says who ended first. `stopped`: by `stop`. */
  readonly how: 'fin' | 'reset' | 'idle' | 'stopped' | 'error'
  /** Set when an observer or transform threw. */
  readonly error?: unknown
}

export interface Relay {
  readonly bytes: Bytes
  /** Never rejects; made when it is asked for. */
  readonly done: Promise<RelayEnd>
  /** Calls back once with the end, like `done` but without a promise that waits as long as the bytes flow. */
  tell(hear: (end: RelayEnd) => void): void
  throttle(direction: Direction, rate: Rate | undefined): void
  stop(how: 'fin' | 'rst'): void
}
