import { constants, hkdfSync } from 'node:crypto'

/** How clients may come back without a full handshake (RFC 5077, RFC 8446 section 2.2). */
export interface SessionPolicy {
  readonly tickets: boolean
  /** Milliseconds; at most seven days. */
  readonly timeout: number
}

export interface SessionOptions {
  /** Name, HMAC key and AES key of 16 bytes each, as Node wants them. */
  readonly ticketKeys: Buffer
  readonly sessionIdContext: string
  /** Seconds. */
  readonly sessionTimeout: number
  /** OpenSSL's flags. */
  readonly secureOptions: number
}

/**
 * The part of a context that decides which sessions resume on it. Keys and id context follow from the secret and the
 * scope alone: processes with the same secret resume each other's sessions, and a session of one scope (a certificate
 * and what it asks of clients) is unreadable in every other.
 */
export function sessionOptions(
  secret: Uint8Array,
  scope: string,
  { tickets, timeout }: SessionPolicy,
): SessionOptions {
  return {
    ticketKeys: derive(secret, `ticket keys ${scope}`, 48),
    // At most 32 bytes (SSL_MAX_SID_CTX_LENGTH).
    sessionIdContext: derive(secret, `session id context ${scope}`, 16).toString('hex'),
    sessionTimeout: Math.ceil(timeout / 1000),
    // Renegotiation (TLS 1.2 and below) costs a server more than its client, and nobody needs it.
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION | (tickets ? 0 : constants.SSL_OP_NO_TICKET),
  }
}

function derive(secret: Uint8Array, info: string, length: number): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', `kong-ts ${info}`, length))
}
