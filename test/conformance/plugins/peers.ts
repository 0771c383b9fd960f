import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { connect as connectTls, createSecureContext, TLSSocket } from 'node:tls'
import { onTestFinished } from 'vitest'
import type { Call } from '../../../pdk/src/testing/dial.ts'
import { until } from '../../e2e/support/gateway.ts'
import type { Case, Identity } from './table.ts'

/** A server that does for one dial after the other what the dial says. */
export interface Upstream {
  readonly port: number
  /** Makes ready for a dial. */
  expect(call: Call): void
  /** What it has received for the dial, once nobody is connected any more. */
  received(): Promise<Buffer>
}

/** @param identity for clients whose TLS comes as far as this server */
export async function openUpstream(identity: Identity): Promise<Upstream> {
  const secureContext = createSecureContext(identity)
  let expected: Call | undefined
  let uploads: Buffer[] = []
  const live = new Set<Socket>()
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    live.add(socket)
    socket.on('error', () => undefined).on('close', () => live.delete(socket))
    const call = expected!
    const isAsked = call.chunks.length > 0 && !call.repliesAtOnce
    if (call.protocol === 'tcp' && !isAsked) return answer(socket, call, uploads)
    // A plugin may have the gateway speak TLS to it.
    socket.once('readable', () => {
      const first: Buffer | null = socket.read()
      if (first) socket.unshift(first)
      const options = { isServer: true, secureContext }
      answer(first?.[0] === 0x16 ? new TLSSocket(socket, options) : socket, call, uploads)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    for (const socket of live) socket.destroy()
    server.close()
  })
  return {
    port: (server.address() as AddressInfo).port,
    expect(call) {
      expected = call
      uploads = []
    },
    async received() {
      await until(
        () => live.size === 0,
        () => 'the upstream is still connected',
      )
      return Buffer.concat(uploads)
    },
  }
}

/** Ends when the client has; a client that waits is hung up on once all of it has come. */
function answer(
  socket: Socket,
  { chunks, ends, reply, repliesAtOnce }: Call,
  uploads: Buffer[],
): void {
  const whole = chunks.reduce((sum, { length }) => sum + length, 0)
  let length = 0
  const finish = (): void => {
    if (!repliesAtOnce) for (const chunk of reply(Buffer.concat(uploads))) socket.write(chunk)
    socket.end()
  }
  socket.on('error', () => undefined)
  if (repliesAtOnce) for (const chunk of reply(Buffer.of())) socket.write(chunk)
  socket.on('data', (chunk: Buffer) => {
    uploads.push(chunk)
    length += chunk.length
    if (!ends && length >= whole) finish()
  })
  if (ends) socket.on('end', finish)
  else if (whole === 0) finish()
}

/** Dials as the case says. @returns everything that came back */
export async function talk(
  port: number,
  call: Call,
  { helloOnly }: Case,
  identity: Identity,
): Promise<Buffer> {
  const { client, opening, chunks, ends } = call
  const socket = connect({
    port,
    host: '127.0.0.1',
    localAddress: client.address,
    allowHalfOpen: true,
  })
  if (call.protocol === 'tcp' && call.sni === undefined) return converse(socket, chunks, ends)
  if (call.protocol === 'tcp') return startTls(socket, call)
  if (helloOnly) return converse(socket, [opening], false)
  socket.on('error', () => undefined)
  const secure = connectTls({
    socket,
    rejectUnauthorized: false,
    ALPNProtocols: [...call.hello!.alpn],
    ...(call.hello!.serverName !== undefined && { servername: call.hello!.serverName }),
    ...(call.certificate && identity),
  })
  await settled(secure)
  return converse(secure, chunks, ends)
}

/** Asks for TLS with its first chunk, and begins it when it is told to. */
async function startTls(socket: Socket, { chunks, ends, sni = '' }: Call): Promise<Buffer> {
  socket.on('error', () => undefined).write(chunks[0]!)
  const [told]: Buffer[] = await once(socket, 'data')
  const secure = connectTls({ socket, rejectUnauthorized: false, servername: sni })
  await settled(secure)
  return Buffer.concat([told!, await converse(secure, chunks.slice(1), ends)])
}

/** A client that ends before its handshake is over has said nothing at all. */
function settled(socket: TLSSocket): Promise<void> {
  return new Promise((resolve) => {
    socket.once('error', () => resolve())
    socket.once('secureConnect', resolve).once('close', resolve)
  })
}

function converse(socket: Socket, chunks: readonly Buffer[], ends: boolean): Promise<Buffer> {
  onTestFinished(() => void socket.destroy())
  const heard: Buffer[] = []
  for (const chunk of chunks) socket.write(chunk)
  if (ends) socket.end()
  return new Promise((resolve) => {
    socket.on('data', (chunk: Buffer) => heard.push(chunk))
    socket.on('error', () => undefined)
    socket.on('end', () => socket.end())
    const finish = (): void => resolve(Buffer.concat(heard))
    if (socket.closed) finish()
    else socket.on('close', finish)
  })
}
