import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { connect as connectTls, type ConnectionOptions } from 'node:tls'

/** An extension: its type and its data. */
export type Extension = readonly [type: number, data: readonly number[]]

export interface HelloFields {
  readonly ciphers?: readonly number[]
  readonly extensions?: readonly Extension[]
  readonly sessionId?: readonly number[]
  readonly compression?: readonly number[]
  /** Bytes after the extensions, inside the message. */
  readonly tail?: readonly number[]
}

export const u16 = (value: number): number[] => [value >> 8, value & 0xff]
export const vector8 = (bytes: readonly number[]): number[] => [bytes.length, ...bytes]
export const vector16 = (bytes: readonly number[]): number[] => [...u16(bytes.length), ...bytes]
export const ascii = (text: string): number[] => [...Buffer.from(text, 'latin1')]

export const serverName = (...names: string[]): Extension => [
  0,
  vector16(names.flatMap((name) => [0, ...vector16(ascii(name))])),
]

export const alpn = (...names: string[]): Extension => [
  16,
  vector16(names.flatMap((name) => vector8(ascii(name)))),
]

/** A handshake message of type ClientHello. */
export function helloMessage(fields: HelloFields = {}): Uint8Array {
  const { ciphers = [0x1301], extensions = [], sessionId = [], compression = [0] } = fields
  const body = [
    3,
    3,
    ...Array.from({ length: 32 }, (_, index) => index),
    ...vector8(sessionId),
    ...vector16(ciphers.flatMap(u16)),
    ...vector8(compression),
    ...vector16(extensions.flatMap(([type, data]) => [...u16(type), ...vector16(data)])),
    ...(fields.tail ?? []),
  ]
  return Uint8Array.from([1, body.length >> 16, ...u16(body.length & 0xffff), ...body])
}

/** Records that carry the message, cut at the offsets. */
export function records(message: Uint8Array, cuts: readonly number[] = []): Uint8Array {
  const inner = cuts.filter((cut) => cut > 0 && cut < message.length)
  const edges = [0, ...new Set(inner.toSorted((a, b) => a - b)), message.length]
  return Buffer.concat(
    edges.slice(1).map((end, index) => {
      const fragment = message.subarray(edges[index], end)
      return Buffer.concat([Uint8Array.from([0x16, 3, 1, ...u16(fragment.length)]), fragment])
    }),
  )
}

export const hello = (fields?: HelloFields): Uint8Array => records(helloMessage(fields))

/** The first bytes that a client sends to a socket of ours; the client then meets a closed connection. */
async function capture(start: (port: number) => () => void): Promise<Uint8Array> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  const connected = once(server, 'connection')
  const stop = start(address.port)
  const [socket] = await connected
  const chunks: Buffer[] = []
  for await (const chunk of socket) {
    chunks.push(chunk)
    const all = Buffer.concat(chunks)
    if (all.length >= 5 && all.length >= 5 + all.readUInt16BE(3)) break
  }
  stop()
  server.close()
  return Uint8Array.from(Buffer.concat(chunks))
}

/** The hello of this Node. */
export function captureNode(options: ConnectionOptions): Promise<Uint8Array> {
  return capture((port) => {
    const client = connectTls({ ...options, socket: connect(port, '127.0.0.1') })
    client.on('error', () => {}) // The capture closes the connection in the middle of the handshake.
    return () => client.destroy()
  })
}

/** The hello of the `openssl` command. */
export function captureOpenssl(...args: string[]): Promise<Uint8Array> {
  return capture((port) => {
    const child = spawn('openssl', ['s_client', '-connect', `127.0.0.1:${port}`, ...args], {
      stdio: 'ignore',
    })
    return () => child.kill()
  })
}
