import type { Hello } from '@kong-ts/pdk'
import { ByteReader, MalformedBytes, readU16s } from './byte-reader.ts'
import { assembleHello } from './hello-records.ts'
import { ja3 } from './ja3.ts'
import { type HelloParts, ja4 } from './ja4.ts'
import { readServerName } from './server-name.ts'

export { isTlsRecord } from './hello-records.ts'

/** What the first bytes of a client are. */
export type ParsedHello =
  /** Incomplete: so many bytes in all are needed, always more than there were. */
  | { readonly kind: 'more'; readonly atLeast: number }
  | { readonly kind: 'hello'; readonly hello: Hello }
  | { readonly kind: 'malformed'; readonly reason: string }

const SERVER_NAME = 0
const SUPPORTED_GROUPS = 10
const POINT_FORMATS = 11
const SIGNATURE_ALGORITHMS = 13
const ALPN = 16
const SUPPORTED_VERSIONS = 43

/**
 * Reads a ClientHello (RFC 8446 section 4.1.2) that begins with the first byte, in one record or many. Whatever is
 * inconsistent is malformed, even where a server might look past it: what is routed must be what is meant.
 */
export function parseClientHello(bytes: Uint8Array): ParsedHello {
  try {
    const assembled = assembleHello(bytes)
    if ('atLeast' in assembled) return { kind: 'more', atLeast: assembled.atLeast }
    return { kind: 'hello', hello: readHello(assembled.body) }
  } catch (error) {
    if (error instanceof MalformedBytes) return { kind: 'malformed', reason: error.message }
    throw error
  }
}

function readHello(body: Uint8Array): Hello {
  const reader = new ByteReader(body)
  const version = reader.u16('the version')
  reader.take(32, 'the random')
  if (reader.vector8('the session id').length > 32) {
    throw new MalformedBytes('the session id is too long')
  }
  const ciphers = readU16s(reader.vector16('the cipher suites'), 'the cipher suites')
  if (reader.vector8('the compression methods').length === 0) {
    throw new MalformedBytes('there is no compression method')
  }
  const extensions = readExtensions(reader)
  const read = <T>(type: number, readData: (data: Uint8Array) => T): T | undefined => {
    const data = extensions.get(type)
    return data && readData(data)
  }
  return describe(read(SERVER_NAME, readServerName), {
    version,
    versions: read(SUPPORTED_VERSIONS, readVersions),
    ciphers,
    extensions: [...extensions.keys()],
    signatures: read(SIGNATURE_ALGORITHMS, readSignatures) ?? [],
    groups: read(SUPPORTED_GROUPS, readGroups),
    pointFormats: read(POINT_FORMATS, readPointFormats),
    alpn: read(ALPN, readProtocols) ?? [],
  })
}

/** By type, in the client's order. A ClientHello before TLS 1.3 may end without any. */
function readExtensions(reader: ByteReader): ReadonlyMap<number, Uint8Array> {
  const extensions = new Map<number, Uint8Array>()
  if (reader.left === 0) return extensions
  const list = new ByteReader(reader.vector16('the extensions'))
  reader.end('the ClientHello')
  while (list.left > 0) {
    const type = list.u16('an extension')
    if (extensions.has(type)) throw new MalformedBytes('an extension comes twice')
    extensions.set(type, list.vector16('an extension'))
  }
  return extensions
}

function readSignatures(data: Uint8Array): number[] {
  const reader = new ByteReader(data)
  const values = readU16s(reader.vector16('the signature algorithms'), 'the signature algorithms')
  reader.end('the signature algorithms extension')
  return values
}

/** RFC 8446 section 4.2.7. */
function readGroups(data: Uint8Array): number[] {
  const reader = new ByteReader(data)
  const values = readU16s(reader.vector16('the groups'), 'the groups')
  reader.end('the groups extension')
  return values
}

/** RFC 8422 section 5.1.2. */
function readPointFormats(data: Uint8Array): number[] {
  const reader = new ByteReader(data)
  const values = [...reader.vector8('the point formats')]
  reader.end('the point formats extension')
  return values
}

function readVersions(data: Uint8Array): number[] {
  const reader = new ByteReader(data)
  const values = readU16s(reader.vector8('the supported versions'), 'the supported versions')
  reader.end('the supported versions extension')
  return values
}

/** RFC 7301 section 3.1: names of 1 to 255 opaque bytes, each byte one character here. */
function readProtocols(data: Uint8Array): string[] {
  const extension = new ByteReader(data)
  const list = new ByteReader(extension.vector16('the protocol list'))
  extension.end('the ALPN extension')
  if (list.left === 0) throw new MalformedBytes('the protocol list is empty')
  const protocols: string[] = []
  while (list.left > 0) {
    const name = list.vector8('a protocol name')
    if (name.length === 0) throw new MalformedBytes('a protocol name is empty')
    protocols.push(String.fromCharCode(...name))
  }
  return protocols
}

/** A fingerprint is made when it is first asked for: most sessions never do. */
function describe(serverName: string | undefined, parts: HelloParts): Hello {
  let fingerprint: string | undefined
  let older: string | undefined
  return {
    ...(serverName === undefined ? {} : { serverName }),
    alpn: parts.alpn,
    get ja4() {
      fingerprint ??= ja4(parts)
      return fingerprint
    },
    get ja3() {
      older ??= ja3(parts)
      return older
    },
  }
}
