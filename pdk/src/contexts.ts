import type { Bucket } from './counting/bucket.ts'
import type { Slot } from './slot.ts'

/** What a layer-4 session speaks towards the gateway. */
export type Protocol = 'tcp' | 'tls' | 'tls_passthrough'

/** An address and a port; for a unix socket `address` is `unix:PATH` and `port` is 0. */
export interface Endpoint {
  readonly address: string
  readonly port: number
}

/** Towards the upstream is `upload`, towards the client is `download`. */
export type Direction = 'upload' | 'download'

/** The route as the Admin API serves it; null where nothing is set. */
export interface RouteFacts {
  readonly id: string
  readonly name: string | null
  readonly protocols: readonly string[]
  readonly tags: readonly string[] | null
}

/** The service as the Admin API serves it; null where nothing is set. */
export interface ServiceFacts {
  readonly id: string
  readonly name: string | null
  readonly protocol: string
  readonly host: string
  readonly port: number
  readonly tags: readonly string[] | null
}

/**
 * What the client said in its ClientHello (RFC 8446 section 4.1.2). The fingerprints are made when they are asked for:
 * a log or JSON has them, `{ ...hello }` leaves them out.
 */
export interface Hello {
  /** The SNI host name (RFC 6066 section 3): lower case, without a trailing dot. */
  readonly serverName?: string
  /** Offered application protocols (RFC 7301), in the client's order. */
  readonly alpn: readonly string[]
  /** The JA4 fingerprint of the hello. */
  readonly ja4: string
  /** The older JA3 fingerprint, which depends on the order of the extensions. */
  readonly ja3: string
}

/** Facts of a handshake that the gateway completed. */
export interface TlsFacts {
  /** For example `TLSv1.3`. */
  readonly version: string
  /** The standard name of the cipher suite. */
  readonly cipher: string
  /** The negotiated application protocol (RFC 7301), if any. */
  readonly alpn?: string
  /** An earlier session was resumed (RFC 8446 section 2.2): a certificate was shown then. */
  readonly resumed?: true
  readonly clientCertificate?: ClientCertificate
}

/** The client's certificate; `verified` says whether a CA that was asked for has signed it. */
export interface ClientCertificate {
  readonly verified: boolean
  /** Why it is not verified. */
  readonly failure?: string
  readonly subject: string
  /** Subject alternative names, as `DNS:name`, `IP Address:1.2.3.4`, `URI:…`. */
  readonly names: readonly string[]
  /** SHA-256 of the DER form, lower-case hex. */
  readonly fingerprint: string
  readonly pem: string
  /** What the client sent above it, in its order, as PEM; absent where it sent no more, and on a resumed session. */
  readonly chain?: readonly string[]
}

/** What the sender of a PROXY header told of the connection that it stands for. */
export interface ProxyFacts {
  readonly version: 1 | 2
  /** The socket's own peer, which sent the header. */
  readonly peer: Endpoint
  /** The address that the client reached; the listener's where the header names none. */
  readonly destination: Endpoint
  readonly tlvs: ProxyTlvFacts
}

/** The TLVs of a PROXY header of version 2 (section 2.2 of its specification); what was not told is absent. */
export interface ProxyTlvFacts {
  /** The host name that the client asked for: the SNI of its TLS, as a rule. */
  readonly authority?: string
  /** The application protocol in use (RFC 7301), each byte one character. */
  readonly alpn?: string
  /** Up to 128 bytes that name the connection. */
  readonly uniqueId?: Uint8Array
  readonly ssl?: ProxySslFacts
  /** The name of the sender's network namespace. */
  readonly namespace?: string
  /** All other types, in the order of the header: 0xE0 to 0xEF are the applications' own. */
  readonly others?: readonly ProxyTlv[]
}

/** A TLV as it came. */
export interface ProxyTlv {
  /** 0 to 255. */
  readonly type: number
  readonly value: Uint8Array
}

/** How the client speaks to the sender of a PROXY header. */
export interface ProxySslFacts {
  /** Whether it is TLS at all. */
  readonly tls: boolean
  /** When the client showed a certificate: over this connection, or earlier in the TLS session that it resumes. */
  readonly certificate?: 'connection' | 'session'
  /** Whether it showed a certificate and the sender has verified it. */
  readonly verified: boolean
  /** For example `TLSv1.3`. */
  readonly version?: string
  readonly cipher?: string
  /** The common name of the client's certificate. */
  readonly cn?: string
  /** How the sender's own certificate is signed, for example `RSA-SHA256`. */
  readonly sigAlg?: string
  /** Of which kind the key of that certificate is, for example `RSA2048`. */
  readonly keyAlg?: string
}

/** Where to connect. */
export interface Target {
  /** A host name, an address, or `unix:PATH`. */
  readonly host: string
  /** 0 for a unix socket. */
  readonly port: number
}

/**
 * A target as a plugin answers with it in `balance`: listed or not, with terms of its own. What is left out is as the
 * service has it.
 */
export interface ChosenTarget extends Target {
  /** How TLS is spoken to it, whatever the service's protocol; false: it is not. */
  readonly tls?: TargetTls | false | undefined
  readonly timeouts?: TargetTimeouts | undefined
}

/** How the gateway speaks TLS to a target. */
export interface TargetTls {
  /** The name to ask for (RFC 6066 section 3) and to find in the certificate; by default as for the service. */
  readonly serverName?: string | undefined
  /** Whether its certificate has to be one that is trusted, and for its name; by default the service's `tls_verify`. */
  readonly verify?: boolean | undefined
  /** Who is trusted, in PEM; by default the service's `ca_certificates`. */
  readonly ca?: readonly string[] | undefined
}

/** In milliseconds, 1 to 2147483646; each by default the service's. */
export interface TargetTimeouts {
  /** For the connect, TLS included. */
  readonly connect?: number | undefined
  /** Without a byte from the target, or to it, before the session ends. */
  readonly read?: number | undefined
  readonly write?: number | undefined
}

/** Values that plugins leave for one another on a connection. */
export interface Slots {
  set<T>(slot: Slot<T>, value: T): void
  get<T>(slot: Slot<T>): T | undefined
}

/** Phase `accept`: a client connected; nothing is routed yet. */
export interface Accepted extends Slots {
  /** Unique per connection of this node. */
  readonly id: string
  /** The client; behind a proxy that sends PROXY headers it is the one that the header names. */
  readonly client: Endpoint
  /** The gateway's own address that was reached. */
  readonly listener: Endpoint
  /** Absent where the listener expects no PROXY header. */
  readonly proxy?: ProxyFacts | undefined
  /** Milliseconds since the epoch. */
  readonly startedAt: number
}

/** Known from the route on. */
export interface Matched extends Accepted {
  readonly route: RouteFacts
  /** Absent when the route has no service: such a connection is refused after `preread`. */
  readonly service: ServiceFacts | undefined
  readonly protocol: Protocol
  /** Absent on a plain connection. */
  readonly hello: Hello | undefined
}

/** Where `forward` sends a connection; the port is that of the route's service unless stated. */
export type Forwarding =
  | { readonly service: string }
  | { readonly host: string; readonly port?: number }

/** A connection that a phase may keep waiting. */
export interface Waiting {
  /**
   * Resolves when the client has left: it has reset, or ended its side before it said anything. The connection ends
   * then, whatever the phase answers. One that has spoken and ended its side may be waiting for its answer: it has not
   * left. Not to be used while `peek` is looking.
   * @param signal to be aborted when the phase stops waiting; the promise is never settled then
   */
  left(signal: AbortSignal): Promise<void>
}

/** Phase `preread`: the route is known, no byte has been consumed. */
export interface Routed extends Matched, Waiting {
  /**
   * Sends the connection to another service, by its name or id; or, under the settings of the route's service, to
   * another host: the name of an upstream, a host name or an address. The plugins stay those of the route.
   * The first call decides; false: another one has decided before, or there is no such service.
   */
  forward(to: Forwarding): boolean
  /**
   * Looks at the client's first bytes without taking them: the upstream still receives them, once.
   * Answers with at least `atLeast` bytes, or fewer when the client has ended its side.
   * On a TLS route these are the bytes of the ClientHello, never plaintext.
   * @param atLeast bytes, 1 to 16384
   * The answer is a copy.
   * @throws when the client resets, or at the preread deadline: the connection ends, whatever the plugin makes of it
   */
  peek(atLeast: number): Promise<Uint8Array>
  /**
   * Takes the client's first bytes away: the upstream will not receive them. Answers with `count` bytes, or fewer when
   * the client has ended its side. Only on plain connections; 65536 bytes of a connection at most.
   * @param count bytes, 1 to 16384
   * @throws as `peek`
   */
  take(count: number): Promise<Uint8Array>
  /**
   * Sends something to the client before an upstream is chosen: a banner, or the answer to what was taken. Resolves when
   * it has left. Only on plain connections; 65536 bytes to a connection at most. Text is sent as UTF-8.
   * @throws when the client resets, or does not read until the preread deadline: the connection ends
   */
  say(bytes: Uint8Array | string): Promise<void>
  /**
   * The client begins TLS with its next byte, as a protocol has agreed (STARTTLS, PostgreSQL's SSLRequest). When the
   * phase is over its ClientHello is read: a route that has its server name takes the connection over; without one the
   * gateway ends TLS with the certificate for that name, and the phases `tls` and `balance` see its facts.
   */
  startTls(): void
}

/** Phase `tls`: decide whether the gateway ends TLS or passes it through. Only called for TLS connections. */
export interface Securing extends Matched {
  readonly hello: Hello
}

/** Phase `balance`: the first phase that sees the facts of the handshake. Called again after a failed connect. */
export interface Balancing extends Matched, Waiting {
  readonly service: ServiceFacts
  readonly tls: TlsFacts | undefined
  /** Untried targets, best first; never empty. A tap may also answer with any other target: see `ChosenTarget`. */
  readonly targets: readonly [Target, ...Target[]]
  /** How many connects have failed before. */
  readonly failed: number
}

/** Phase `proxy`: the upstream is connected and the bytes are about to flow. */
export interface Proxying extends Matched {
  readonly service: ServiceFacts
  readonly tls: TlsFacts | undefined
  readonly target: Target
  /** Sees every chunk of a direction; it must not change or keep the buffer. A throw ends the connection. */
  observe(direction: Direction, see: (chunk: Uint8Array) => void): void
  /** Sends a direction through a stream transform, with back-pressure. Transforms run in the order they were added. */
  through(direction: Direction, transform: import('node:stream').Transform): void
  /** What has moved until now: nothing at first; whoever keeps the connection may ask again later. */
  moved(): ByteCounts
  /**
   * Limits a direction, also later, while the bytes flow; undefined lifts the limit.
   * @param burst bytes that may pass at once after a pause; a tenth of a second's by default, and at least
   * @throws RangeError for a rate or a burst that is not more than 0
   */
  throttle(direction: Direction, bytesPerSecond: number | undefined, burst?: number): void
  /**
   * A direction moves only bytes that it finds in the bucket, which others may draw from, too; all buckets that it
   * draws from hold, beside `throttle`. In shadow mode they count and hold nothing back.
   */
  draw(direction: Direction, bucket: Bucket): void
}

/** One attempt to reach a target. */
export interface Try {
  readonly host: string
  readonly port: number
  /** The address that was reached or tried last, where known. */
  readonly ip?: string
  /** Milliseconds since the epoch. */
  readonly startedAt: number
  /** Milliseconds. */
  readonly duration: number
  /** The ending's cause, when the attempt failed. */
  readonly failure?: string
}

/** How long the parts of a session took, in milliseconds; what did not happen is absent. */
export interface Latencies {
  /** The whole session. */
  readonly session: number
  /** From accept until the upstream was connected; 0 when it never was. */
  readonly kong: number
  /** From accept until the plugins of its route let it pass. */
  readonly routed?: number
  /** The TLS handshake with the client. */
  readonly handshake?: number
  /** What it waited in the queue of its upstream. */
  readonly queue?: number
}

/** Bytes on the client's side and on the upstream's side, as the gateway saw them. */
export interface ByteCounts {
  readonly client: { readonly received: number; readonly sent: number }
  readonly upstream: { readonly received: number; readonly sent: number }
}

/** Phase `log`: how it ended. Always called, once. What was never reached is undefined. */
export interface Summary extends Accepted {
  readonly route: RouteFacts | undefined
  readonly service: ServiceFacts | undefined
  readonly protocol: Protocol | undefined
  readonly hello: Hello | undefined
  readonly tls: TlsFacts | undefined
  readonly target: Target | undefined
  readonly tries: readonly Try[]
  /** `side.phase.cause`, from the closed list in the README. */
  readonly ending: string
  /** What a plugin said when it refused, or the error's text. */
  readonly reason: string | undefined
  /** The plugins in shadow mode that would have refused it; absent when there was none. */
  readonly wouldReject?: readonly { readonly plugin: string; readonly reason: string }[] | undefined
  /** Kong's stream status, derived from the ending: 200, 400, 403, 500, 502 or 503. */
  readonly status: number
  readonly bytes: ByteCounts
  /** Milliseconds. */
  readonly latencies: Latencies
  /** The revision of the configuration when the connection was accepted. */
  readonly revision: number
  /** The connection as Kong's log plugins serialize it, plus `ending`: a plain object ready for JSON. */
  serialize(): Record<string, unknown>
}
