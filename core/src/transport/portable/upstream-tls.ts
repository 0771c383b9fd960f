import { isIP } from 'node:net'
import { checkServerIdentity, connect, type PeerCertificate, type TLSSocket } from 'node:tls'
import type { Endpoint } from '@kong-ts/pdk'
import { TransportError, type ClientTls } from '../transport.ts'
import { chainDepth } from './chain.ts'
import { unixPath } from './endpoint.ts'
import { establish } from './handshake.ts'
import { contextFor } from './upstream-context.ts'
import type { Wire } from './wire.ts'

/** The client's side of a TLS handshake on a fresh connection. A failure closes the connection. */
export async function secureUpstream(
  plain: Wire,
  target: Endpoint,
  options: ClientTls,
  deadline: number,
): Promise<Wire> {
  const stream = start(plain, options)
  const wire = plain.over(stream)
  await establish(wire, stream, 'secureConnect', { deadline }).catch((error: unknown) => {
    throw upstreamLeft(error)
  })
  const failure = options.verify ? refusalOf(stream, target, options) : undefined
  if (failure !== undefined) {
    wire.destroy()
    throw new TransportError('unverified', failure)
  }
  return wire
}

function start(plain: Wire, options: ClientTls): TLSSocket {
  try {
    return connect({
      socket: plain.raw,
      secureContext: contextFor(options),
      // The verdict is taken in `verify`, where a missing name means the target's address and not Node's `localhost`.
      rejectUnauthorized: false,
      checkServerIdentity: () => undefined,
      ...sni(options),
      ...(options.alpn && options.alpn.length > 0 && { ALPNProtocols: [...options.alpn] }),
    })
  } catch (error) {
    plain.destroy()
    const why = error instanceof Error ? error.message : String(error)
    throw new TransportError('failed', `the TLS options cannot be used: ${why}`, { cause: error })
  }
}

/** RFC 6066 section 3: an address is not a server name. */
export function sni({ serverName }: ClientTls): { servername?: string } {
  return serverName !== undefined && isIP(serverName) === 0 ? { servername: serverName } : {}
}

/** An upstream that leaves during the handshake has refused it. */
export function upstreamLeft(error: unknown): unknown {
  if (!(error instanceof TransportError) || error.failure !== 'closed') return error
  return new TransportError('handshake', error.message, { cause: error })
}

function refusalOf(stream: TLSSocket, target: Endpoint, options: ClientTls): string | undefined {
  const refusal: unknown = stream.authorizationError
  if (!stream.authorized) return String(refusal)
  const certificate = stream.getPeerCertificate(true)
  return mismatchOf(certificate, target, options) ?? tooLong(chainDepth(certificate), options)
}

/** Why a trusted certificate is not the target's; undefined: it is. */
export function mismatchOf(
  certificate: PeerCertificate,
  target: Endpoint,
  options: ClientTls,
): string | undefined {
  const name = options.serverName ?? (unixPath(target) === undefined ? target.address : undefined)
  return name === undefined ? undefined : checkServerIdentity(name, certificate)?.message
}

/** Why a chain of such a depth is refused; undefined: it is not. */
export function tooLong(depth: number, { verifyDepth }: ClientTls): string | undefined {
  return verifyDepth !== undefined && depth > verifyDepth
    ? `the certificate chain is longer than verify depth ${verifyDepth}`
    : undefined
}
