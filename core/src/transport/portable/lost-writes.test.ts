import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { connect as connectTls, createSecureContext, TLSSocket } from 'node:tls'
import { expect, onTestFinished, test } from 'vitest'
import { createSelfSigned } from '../../certificates/self-signed.ts'
import { watchLostWrites } from './lost-writes.ts'
import { ignoreError } from './wire.ts'

const identity = await createSelfSigned({ key: 'ec', commonName: 'a.example', days: 1 })

/** A server's TLS socket that watches itself, and its client. */
async function establish(): Promise<{ stream: TLSSocket; client: Socket; inner: TLSSocket }> {
  const accepted = Promise.withResolvers<Socket>()
  const server = createServer({ allowHalfOpen: true }, (socket) => accepted.resolve(socket))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  const client = connect({ port, host: '127.0.0.1', allowHalfOpen: true }).on('error', ignoreError)
  const inner = connectTls({ socket: client, rejectUnauthorized: false }).on('error', ignoreError)
  const raw = (await accepted.promise).on('error', ignoreError)
  const secureContext = createSecureContext(identity)
  const stream = new TLSSocket(raw, { isServer: true, secureContext }).on('error', ignoreError)
  watchLostWrites(stream, raw)
  onTestFinished(() => {
    client.destroy()
    raw.destroy()
    server.close()
  })
  return { stream, client, inner }
}

/** The client resets so many milliseconds after its first byte; resolves once the server's socket has closed. */
async function meetReset(delay: number): Promise<TLSSocket> {
  const { stream, client, inner } = await establish()
  inner.on('secureConnect', () => {
    inner.write('hello')
    setTimeout(() => client.resetAndDestroy(), delay)
  })
  stream.on('data', () => setImmediate(() => stream.write('an answer')))
  await new Promise((resolve) => stream.once('close', resolve))
  return stream
}

test('a write that meets the client’s reset does not keep the connection', async () => {
  const delays = Array.from({ length: 24 }, (_, index) => index / 8)
  const closed = await Promise.all(delays.map(meetReset))
  expect(closed.every(({ destroyed }) => destroyed)).toBe(true)
})

test('a client that has ended its side and reads late loses nothing', async () => {
  const { stream, inner } = await establish()
  await once(inner, 'secureConnect')
  inner.pause().end()
  await once(stream.resume(), 'end')
  const written = once(stream, 'finish')
  stream.end(Buffer.alloc(16 * 2 ** 20))
  // Longer than two looks, with the kernel's buffers full.
  await new Promise((resolve) => setTimeout(resolve, 1300))
  expect(stream.writableFinished).toBe(false)
  expect(stream.destroyed).toBe(false)
  inner.resume()
  await written
  expect(stream.errored).toBeNull()
})
