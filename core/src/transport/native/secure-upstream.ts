import { X509Certificate } from 'node:crypto'
import type { Endpoint } from '@kong-ts/pdk'
import { mismatchOf, sni, tooLong, upstreamLeft } from '../portable/upstream-tls.ts'
import { TransportError, type ClientTls } from '../transport.ts'
import { shakeHands } from './handshake.ts'
import type { NativeSocket } from './native-socket.ts'
import { protocolList } from './protocol-list.ts'
import type { NativeContext, TlsAddon } from './tls-addon.ts'

/** The client's side of a TLS handshake, run by the engine. A failure closes the connection. */
export async function secureUpstream(
  tls: TlsAddon,
  context: NativeContext,
  socket: NativeSocket,
  target: Endpoint,
  options: ClientTls,
  deadline: number,
): Promise<void> {
  const { verify, alpn = [] } = options
  const { servername = '' } = sni(options)
  const protocols = protocolList(alpn)
  await shakeHands(
    tls,
    socket,
    { deadline },
    {
      begin: (milliseconds) =>
        tls.secure(socket.id, context, false, verify, false, protocols, servername, milliseconds),
      established: () => {
        const refusal = verify ? refusalOf(tls, socket.id, target, options) : undefined
        if (refusal === undefined) return
        socket.discard()
        throw new TransportError('unverified', refusal)
      },
    },
  ).catch((error: unknown) => {
    throw upstreamLeft(error)
  })
}

function refusalOf(
  tls: TlsAddon,
  socket: number,
  target: Endpoint,
  options: ClientTls,
): string | undefined {
  const verdict = tls.verdict(socket)
  if (verdict !== '') return verdict
  const certificate = new X509Certificate(tls.peer(socket)).toLegacyObject()
  return mismatchOf(certificate, target, options) ?? tooLong(tls.depth(socket), options)
}
