import { createHash } from 'node:crypto'
import type { Hello } from '../contexts.ts'

/** What a TLS client of the kit says first: the bytes, and what the gateway reads from them. */
export interface ClientHello {
  readonly hello: Hello
  readonly bytes: Buffer
}

const suites = [0x1301, 0x1302]
const schemes = [0x0403, 0x0804]
const extension = { serverName: 0x0000, schemes: 0x000d, alpn: 0x0010, versions: 0x002b }

/** Writes a small TLS 1.3 ClientHello (RFC 8446 section 4.1.2) in one record. */
export function writeClientHello(sni: string | undefined, alpn: readonly string[]): ClientHello {
  const serverName = sni?.toLowerCase().replace(/\.$/, '')
  const extensions = new Map<number, Buffer>([
    [extension.versions, sized(1, number(2, 0x0304))],
    [extension.schemes, sized(2, ...schemes.map((scheme) => number(2, scheme)))],
  ])
  if (serverName !== undefined) {
    extensions.set(extension.serverName, sized(2, number(1, 0), sized(2, Buffer.from(serverName))))
  }
  if (alpn.length > 0) {
    extensions.set(extension.alpn, sized(2, ...alpn.map((name) => sized(1, Buffer.from(name)))))
  }
  const ja4 = fingerprint(serverName, alpn, [...extensions.keys()])
  const ja3 = olderFingerprint([...extensions.keys()])
  const hello = { ...(serverName !== undefined && { serverName }), alpn, ja4, ja3 }
  return { hello, bytes: writeRecord(extensions) }
}

function writeRecord(extensions: ReadonlyMap<number, Buffer>): Buffer {
  const body = Buffer.concat([
    number(2, 0x0303),
    Buffer.alloc(32, 0x07), // random: the same in every test
    sized(1), // no session
    sized(2, ...suites.map((suite) => number(2, suite))),
    sized(1, number(1, 0)), // no compression
    sized(
      2,
      ...[...extensions].map(([type, data]) => Buffer.concat([number(2, type), sized(2, data)])),
    ),
  ])
  const handshake = Buffer.concat([number(1, 1), sized(3, body)])
  return Buffer.concat([number(1, 0x16), number(2, 0x0301), sized(2, handshake)])
}

/** The JA4 fingerprint: counts, then hashes of the sorted suites and extensions. */
function fingerprint(
  sni: string | undefined,
  alpn: readonly string[],
  extensions: readonly number[],
): string {
  const first = alpn[0]
  const ends = first ? `${first.at(0)}${first.at(-1)}` : '00'
  const counts = [suites, extensions].map((list) => String(list.length).padStart(2, '0')).join('')
  const hashed = extensions.filter(
    (type) => type !== extension.serverName && type !== extension.alpn,
  )
  const tail = `${hexList(hashed.toSorted((a, b) => a - b))}_${hexList(schemes)}`
  return [
    `t13${sni === undefined ? 'i' : 'd'}${counts}${ends}`,
    hash(hexList(suites)),
    hash(tail),
  ].join('_')
}

/** The JA3 fingerprint; this client names no groups. */
function olderFingerprint(extensions: readonly number[]): string {
  const text = [0x0303, suites.join('-'), extensions.join('-'), '', ''].join()
  return createHash('md5').update(text).digest('hex')
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12)
}

function hexList(values: readonly number[]): string {
  return values.map((value) => value.toString(16).padStart(4, '0')).join(',')
}

function number(bytes: number, value: number): Buffer {
  const written = Buffer.alloc(bytes)
  written.writeUIntBE(value, 0, bytes)
  return written
}

function sized(bytes: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts)
  return Buffer.concat([number(bytes, content.length), content])
}
