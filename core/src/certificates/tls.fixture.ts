import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { type ConnectionOptions, connect, TLSSocket } from 'node:tls'
import type { Certificate, Sni } from '../entities/rows.ts'
import { CertificateTable, type CertificateTableOptions } from './certificate-table.ts'
import type { ClientPolicy } from './client-policy.ts'
import { tlsPolicy } from './policy.ts'
import { type CertifiedKey, createSelfSigned } from './self-signed.ts'

/** For the tests of this folder: certificates, and TLS over real sockets. */
export const anyone: ClientPolicy = { clientCertificate: 'none', ca: [] }

function make(key: 'rsa' | 'ec', commonName: string, ca = false): Promise<CertifiedKey> {
  return createSelfSigned({ key, commonName, days: 1, ca })
}

export const [rsa, ec, other, authority] = await Promise.all([
  make('rsa', 'first rsa'),
  make('ec', 'first ec'),
  make('ec', 'other'),
  make('ec', 'authority', true),
])

export const client = await createSelfSigned({
  key: 'ec',
  commonName: 'client',
  days: 1,
  issuer: authority,
})

const open = new Set<{ destroy(): void }>()
const servers = new Set<Server>()

export function closeAll(): void {
  for (const socket of open) socket.destroy()
  for (const server of servers) server.close()
  open.clear()
  servers.clear()
}

export function table(overrides: Partial<CertificateTableOptions> = {}): CertificateTable {
  const policy = tlsPolicy({ cipherSuite: 'intermediate' })
  const secret = Buffer.alloc(32, 7)
  return new CertificateTable({ defaults: [rsa, ec], policy, secret, ...overrides })
}

const base = { created_at: 0, updated_at: 0, tags: null }

export function certificate(
  id: string,
  { cert, key }: CertifiedKey,
  alternative?: CertifiedKey,
): Certificate {
  const cert_alt = alternative?.cert ?? null
  return { ...base, id, cert, key, cert_alt, key_alt: alternative?.key ?? null }
}

export function sni(name: string, of: string): Sni {
  return { ...base, id: `sni ${name}`, name, certificate: { id: of } }
}

/** Echoes over TLS with the certificate for `name`, whatever the client says; answers with the port. */
export async function serve(
  from: CertificateTable,
  policy: ClientPolicy = anyone,
  name = 'x.test',
  secured: (socket: TLSSocket) => void = () => undefined,
): Promise<number> {
  const server = createServer((socket) => {
    const tls = new TLSSocket(socket, {
      isServer: true,
      secureContext: from.select(name).context(policy).secureContext,
      requestCert: policy.clientCertificate !== 'none',
      rejectUnauthorized: false,
    })
    track(tls).on('error', () => socket.destroy())
    tls.on('secure', () => secured(tls))
    tls.pipe(tls)
  })
  servers.add(server)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const address = server.address()
  if (typeof address === 'string' || !address) throw new Error('the server has no port')
  return address.port
}

function track<S extends Socket>(socket: S): S {
  open.add(socket)
  return socket
}

function begin(port: number, options: ConnectionOptions): TLSSocket {
  return track(connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...options }))
}

export async function dial(port: number, options: ConnectionOptions = {}): Promise<TLSSocket> {
  const socket = begin(port, options)
  await once(socket, 'secureConnect')
  return socket
}

export async function echo(socket: TLSSocket, text: string): Promise<string> {
  socket.write(text)
  const [chunk] = await once(socket, 'data')
  return String(chunk)
}

export function served(socket: TLSSocket): string | undefined {
  return socket.getPeerX509Certificate()?.subject
}

/** A session that can be resumed. */
export async function sessionOf(port: number, options: ConnectionOptions = {}): Promise<Buffer> {
  const socket = begin(port, options)
  // TLS 1.3 tickets may travel with the server's first data.
  const ticket = once(socket, 'session')
  await echo(socket, 'first')
  const [session] = await ticket
  return session
}

/** Whether the server takes the session up; the connection works in either case. */
export async function resumes(
  port: number,
  session: Buffer,
  options: ConnectionOptions = {},
): Promise<boolean> {
  const socket = await dial(port, { ...options, session })
  const answer = await echo(socket, 'again')
  if (answer !== 'again') throw new Error(`the echo is ${answer}`)
  return socket.isSessionReused()
}
