import { TransportError, type TransportFailure } from '../transport.ts'

const connectFailures: Readonly<Record<string, TransportFailure>> = {
  ECONNREFUSED: 'refused',
  ETIMEDOUT: 'timeout',
  EHOSTUNREACH: 'unreachable',
  EHOSTDOWN: 'unreachable',
  ENETUNREACH: 'unreachable',
  ENETDOWN: 'unreachable',
  EADDRNOTAVAIL: 'unreachable',
  ENOENT: 'unreachable',
  ENOTFOUND: 'dns',
  ECONNRESET: 'reset',
  EPIPE: 'reset',
}

/** The `code` of an error of Node, or an empty string. */
export function codeOf(error: unknown): string {
  if (!(error instanceof Error) || !('code' in error)) return ''
  return typeof error.code === 'string' ? error.code : ''
}

/** Why a connect failed, from the error of the kernel or the resolver. */
export function connectError(error: Error): TransportError {
  const code = codeOf(error)
  const failure = connectFailures[code] ?? (code.startsWith('EAI_') ? 'dns' : 'failed')
  return new TransportError(failure, error.message || code, { cause: error })
}

/** Why a peer is gone: it reset the connection, or the connection was closed on this side or by the kernel. */
export function lossError(error: Error | null): TransportError {
  if (!error) return new TransportError('closed', 'the connection is closed')
  const code = codeOf(error)
  const failure = code === 'ECONNRESET' || code === 'EPIPE' ? 'reset' : 'closed'
  return new TransportError(failure, error.message, { cause: error })
}

/** Why a handshake failed; OpenSSL's reason where there is one. */
export function handshakeError(error: Error | null): TransportError {
  if (error && isTlsError(error)) {
    const reason = 'reason' in error ? String(error.reason) : error.message
    return new TransportError('handshake', reason, { cause: error })
  }
  return lossError(error)
}

function isTlsError(error: Error): boolean {
  const code = codeOf(error)
  return code.startsWith('ERR_SSL') || code.startsWith('ERR_TLS') || code === 'EPROTO'
}
