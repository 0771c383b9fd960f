const brand = Symbol.for('kong-ts.verdict')

/** The connection is refused. `reason` goes to the log; `farewell` (bytes) to the client, before the close. */
export interface Rejection {
  readonly [brand]: 'reject'
  readonly reason: string
  readonly farewell?: Uint8Array
}

/** How to ask the client for a certificate during the handshake (RFC 8446 section 4.3.2). */
export interface ClientCertificateRequest {
  /** Refuse the handshake without a certificate that one of `ca` has signed. Otherwise only ask. */
  readonly required: boolean
  /** PEM certificates that may have signed the client's. */
  readonly ca: readonly string[]
  /** Whether a chain may end at one of `ca` that is no root: an intermediate. Default: false. */
  readonly allowPartialChain?: boolean
  /**
   * Whether a client may resume a session in place of showing its certificate anew. Default: true. A client that
   * resumes shows its certificate without the chain.
   */
  readonly resumption?: boolean
}

/** The gateway ends TLS here and proxies the plaintext. */
export interface Terminate {
  readonly [brand]: 'terminate'
  readonly clientCertificate?: ClientCertificateRequest
  /**
   * Application protocols that the gateway speaks here (RFC 7301), the best first. A client that offers others alone is
   * refused in the handshake; one that offers none is not. Default: none is agreed on.
   */
  readonly alpn?: readonly string[]
}

/** The gateway forwards the TLS bytes as they are. */
export interface Passthrough {
  readonly [brand]: 'passthrough'
}

export type TlsDecision = Terminate | Passthrough

/** Phases `accept`, `preread`, `balance`: refuse this connection. Text farewells are sent as UTF-8. */
export function reject(reason: string, farewell?: Uint8Array | string): Rejection {
  if (farewell === undefined) return { [brand]: 'reject', reason }
  const bytes = typeof farewell === 'string' ? new TextEncoder().encode(farewell) : farewell
  return { [brand]: 'reject', reason, farewell: bytes }
}

/** Phase `tls`: end TLS at the gateway. */
export function terminate(
  options: { clientCertificate?: ClientCertificateRequest; alpn?: readonly string[] } = {},
): Terminate {
  return { [brand]: 'terminate', ...options }
}

/** Phase `tls`: do not touch the TLS bytes. */
export const passthrough: Passthrough = { [brand]: 'passthrough' }

type Branded = { readonly [brand]?: string }

export function isRejection(value: unknown): value is Rejection {
  return kind(value) === 'reject'
}

export function isTlsDecision(value: unknown): value is TlsDecision {
  const found = kind(value)
  return found === 'terminate' || found === 'passthrough'
}

export function isTerminate(value: TlsDecision): value is Terminate {
  return kind(value) === 'terminate'
}

function kind(value: unknown): string | undefined {
  return typeof value === 'object' && value !== null ? (value as Branded)[brand] : undefined
}
