import { once } from 'node:events'
import type { Socket } from 'node:net'
import { connect, createSecureContext, TLSSocket, type ConnectionOptions } from 'node:tls'
import { onTestFinished } from 'vitest'
import { tlsPolicy } from '../../../core/src/certificates/policy.ts'
import { ServerContext } from '../../../core/src/certificates/server-context.ts'
import { sessionOptions } from '../../../core/src/certificates/sessions.ts'
import type {
  Inbound,
  Outbound,
  Secured,
  ServerContextOptions,
  ServerTls,
  Transport,
} from '../../../core/src/transport/transport.ts'
import { issueCertificates } from './certificates.ts'
import { dial, openGate, openUpstream, soon, type Gate, type Upstream } from './harness.ts'

const secret = Buffer.alloc(32, 'the secret of every worker')

/** As a worker would make it: another one with the same secret resumes its sessions. */
export async function serverTls(
  options: Partial<ServerTls> = {},
  trust: Partial<Pick<ServerContextOptions, 'ca' | 'allowPartialTrustChain'>> = {},
): Promise<ServerTls> {
  const { ca, server } = await issueCertificates()
  const context = new ServerContext('test', {
    ...tlsPolicy({ cipherSuite: 'intermediate' }),
    ...sessionOptions(secret, 'test', { tickets: true, timeout: 86_400_000 }),
    cert: [server.cert],
    key: [server.key],
    ca: [ca.cert],
    allowPartialTrustChain: false,
    ...trust,
  })
  return { context, clientCertificate: 'none', alpn: [], ...options }
}

/** A TLS client over a socket of its own, which it leaves to whoever wants to reset it. */
export function overTls(socket: Socket, options: ConnectionOptions = {}): TLSSocket {
  const client = connect({ socket, rejectUnauthorized: false, ...options })
  return track(client)
}

function track(stream: TLSSocket): TLSSocket {
  stream.on('error', () => {})
  onTestFinished(() => {
    stream.destroy()
  })
  return stream
}

/** Which sides of a path are encrypted. */
export interface Sides {
  readonly client: boolean
  readonly upstream: boolean
}

export const everySide: readonly (Sides & { readonly name: string })[] = [
  { name: 'TLS with the client', client: true, upstream: false },
  { name: 'TLS with the upstream', client: false, upstream: true },
  { name: 'TLS with both', client: true, upstream: true },
]

/** A client and an upstream with the transport between them, before any byte flows. */
export interface TlsPath {
  readonly client: Socket
  readonly upstream: Socket
  /** What carries each of them: the same where it is not encrypted. */
  readonly carriers: { readonly client: Socket; readonly upstream: Socket }
  readonly inbound: Inbound
  readonly outbound: Outbound
}

export interface TlsStreet {
  readonly gate: Gate
  readonly server: Upstream
  open(): Promise<TlsPath>
}

/** One gate and one upstream for many paths; one after the other. */
export async function openTlsStreet(transport: Transport, sides: Sides): Promise<TlsStreet> {
  const gate = await openGate(transport)
  const server = await openUpstream()
  const own = await serverTls()
  const { server: identity } = await issueCertificates()
  const upstreamContext = createSecureContext({ ...identity })
  const open = async (): Promise<TlsPath> => {
    const carrier = await dial(gate.endpoint)
    const { client, inbound } = await front(await gate.accepted.take(), carrier)
    const tls = sides.upstream ? { tls: { verify: false } } : {}
    const connecting = inbound.connect(server.endpoint, { ...soon(), keepAlive: 60, ...tls })
    const far = await server.accepted.take()
    const options = { isServer: true, secureContext: upstreamContext } as const
    const upstream = sides.upstream ? track(new TLSSocket(far, options)) : far
    upstream.pause()
    const outbound = await connecting
    return { client, upstream, carriers: { client: carrier, upstream: far }, inbound, outbound }
  }
  const front = async (
    inbound: Inbound,
    carrier: Socket,
  ): Promise<{ client: Socket; inbound: Inbound }> => {
    if (!sides.client) return { client: carrier, inbound }
    const client = overTls(carrier)
    const [secured]: [Secured, unknown] = await Promise.all([
      inbound.secure(own, soon()),
      once(client, 'secureConnect'),
    ])
    return { client: client.pause(), inbound: secured }
  }
  return { gate, server, open }
}
