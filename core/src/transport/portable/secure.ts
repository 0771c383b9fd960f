import { TLSSocket } from 'node:tls'
import type { TlsFacts } from '@kong-ts/pdk'
import { TransportError, type Patience, type ServerTls } from '../transport.ts'
import { describeCertificate } from './certificate.ts'
import { closeInOrder } from './close.ts'
import { lossError } from './failures.ts'
import { establish } from './handshake.ts'
import type { Wire } from './wire.ts'

/** A wire whose bytes are decrypted, and what its handshake showed. */
export interface SecuredWire {
  readonly wire: Wire
  readonly tls: TlsFacts
  readonly serverName: string | undefined
}

/** The server's side of a TLS handshake (RFC 8446); `Inbound.secure` says how. */
export async function secure(
  wire: Wire,
  options: ServerTls,
  patience: Patience,
): Promise<SecuredWire> {
  requireClient(wire)
  // Node hands what its socket has buffered to OpenSSL first, so the peeked bytes go back to the front.
  const held = wire.release()
  if (held.length > 0) wire.raw.unshift(held)
  const stream = wrap(wire, options)
  const secured = wire.over(stream)
  await establish(secured, stream, 'secure', patience)
  const tls = describe(stream, options)
  if (options.clientCertificate === 'required' && !tls.clientCertificate?.verified) {
    closeInOrder(secured)
    const why = tls.clientCertificate?.failure ?? 'there is none'
    throw new TransportError('handshake', `the client certificate is refused: ${why}`)
  }
  return { wire: secured, tls, serverName: nameOf(stream) }
}

/** Without a client who can still speak there is no handshake. */
function requireClient(wire: Wire): void {
  if (wire.isClosed) throw lossError(wire.fault)
  if (!wire.raw.readableEnded) return
  wire.destroy()
  throw new TransportError('closed', 'the client left before the TLS handshake')
}

function wrap(wire: Wire, options: ServerTls): TLSSocket {
  return new TLSSocket(wire.raw, {
    isServer: true,
    secureContext: options.context,
    requestCert: options.clientCertificate !== 'none',
    // OpenSSL refuses a client without a certificate; one that does not verify is refused above.
    rejectUnauthorized: options.clientCertificate === 'required',
    ...(options.alpn.length > 0 && { ALPNProtocols: [...options.alpn] }),
  })
}

function nameOf(stream: TLSSocket): string | undefined {
  // Node writes false for a client that sent no SNI, which its types leave out.
  const name: unknown = Reflect.get(stream, 'servername')
  return typeof name === 'string' && name !== '' ? name : undefined
}

function describe(stream: TLSSocket, options: ServerTls): TlsFacts {
  const alpn = stream.alpnProtocol
  const certificate = options.clientCertificate === 'none' ? undefined : describeCertificate(stream)
  return {
    version: stream.getProtocol() ?? 'unknown',
    cipher: stream.getCipher().standardName,
    ...(typeof alpn === 'string' && alpn !== '' && { alpn }),
    ...(stream.isSessionReused() && { resumed: true }),
    ...(certificate && { clientCertificate: certificate }),
  }
}
