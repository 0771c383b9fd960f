import { X509Certificate } from 'node:crypto'
import type { ClientCertificate, TlsFacts } from '@kong-ts/pdk'
import { describeCertificate } from '../portable/certificate.ts'
import { refusalOf } from '../portable/secure.ts'
import type { Patience, ServerTls } from '../transport.ts'
import { shakeHands } from './handshake.ts'
import type { NativeSocket } from './native-socket.ts'
import { protocolList } from './protocol-list.ts'
import type { NativeContext, TlsAddon } from './tls-addon.ts'

/** What a handshake has shown. */
export interface Shown {
  readonly tls: TlsFacts
  readonly serverName: string | undefined
}

/** The server's side of a TLS handshake, run by the engine; `Inbound.secure` says how. */
export function secure(
  tls: TlsAddon,
  context: NativeContext,
  socket: NativeSocket,
  options: ServerTls,
  patience: Patience,
): Promise<Shown> {
  const { clientCertificate, alpn } = options
  const asks = clientCertificate !== 'none'
  const insists = clientCertificate === 'required'
  const protocols = protocolList(alpn)
  return shakeHands(tls, socket, patience, {
    begin: (milliseconds) =>
      tls.secure(socket.id, context, true, asks, insists, protocols, '', milliseconds),
    established: () => {
      const shown = describe(tls, socket.id, asks)
      const refusal = refusalOf(shown.tls, options)
      if (!refusal) return shown
      socket.end()
      throw refusal
    },
  })
}

function describe(tls: TlsAddon, socket: number, asks: boolean): Shown {
  const [version, cipher, serverName, alpn, resumed] = tls.facts(socket).split('\0')
  const certificate = asks ? peerOf(tls, socket) : undefined
  return {
    tls: {
      version: version || 'unknown',
      cipher: cipher || 'unknown',
      ...(alpn && { alpn }),
      ...(resumed && { resumed: true }),
      ...(certificate && { clientCertificate: certificate }),
    },
    serverName: serverName || undefined,
  }
}

function peerOf(tls: TlsAddon, socket: number): ClientCertificate | undefined {
  const certificate = tls.peer(socket)
  if (certificate.length === 0) return undefined
  const verdict = tls.verdict(socket)
  const failure = verdict === '' ? undefined : verdict
  return describeCertificate(new X509Certificate(certificate), failure, split(tls.chain(socket)))
}

/** The certificates of a list of DER: each tells its own length, in two bytes at the least. */
function split(list: Buffer): X509Certificate[] {
  const certificates: X509Certificate[] = []
  for (let rest = list; rest.length > 0; rest = rest.subarray(certificates.at(-1)?.raw.length)) {
    certificates.push(new X509Certificate(rest))
  }
  return certificates
}
