import { ByteReader, MalformedBytes, readU16s } from './byte-reader.ts'
import type { HelloParts } from './ja4.ts'

// Types of extensions.
export const SERVER_NAME = 0
export const SUPPORTED_GROUPS = 10
export const POINT_FORMATS = 11
export const SIGNATURE_ALGORITHMS = 13
export const ALPN = 16
export const SUPPORTED_VERSIONS = 43

/** The lists of a ClientHello's body that was found well-formed. */
export function partsOf(body: Uint8Array): HelloParts {
  const reader = new ByteReader(body)
  const version = reader.u16('the version')
  reader.skip(32, 'the random')
  reader.vector8('the session id')
  const ciphers = readU16s(reader.vector16('the cipher suites'), 'the cipher suites')
  reader.vector8('the compression methods')
  const extensions = new Map<number, ByteReader>()
  const list = reader.left === 0 ? reader : reader.vector16('the extensions')
  while (list.left > 0) {
    extensions.set(list.u16('an extension'), list.vector16('an extension'))
  }
  const read = <T>(type: number, readData: (data: ByteReader) => T): T | undefined => {
    const data = extensions.get(type)
    return data && readData(data)
  }
  return {
    version,
    versions: read(SUPPORTED_VERSIONS, (data) => readU16s(data.vector8('versions'), 'versions')),
    ciphers,
    extensions: [...extensions.keys()],
    signatures: read(SIGNATURE_ALGORITHMS, readList) ?? [],
    groups: read(SUPPORTED_GROUPS, readList),
    pointFormats: read(POINT_FORMATS, (data) => data.vector8('the point formats').rest()),
    alpn: read(ALPN, readProtocols) ?? [],
  }
}

function readList(data: ByteReader): number[] {
  return readU16s(data.vector16('a list'), 'a list')
}

/** RFC 7301 section 3.1: names of 1 to 255 opaque bytes, each byte one character here. @throws MalformedBytes */
export function readProtocols(extension: ByteReader): string[] {
  const list = extension.vector16('the protocol list')
  extension.end('the ALPN extension')
  if (list.left === 0) throw new MalformedBytes('the protocol list is empty')
  const protocols: string[] = []
  while (list.left > 0) {
    const name = list.vector8('a protocol name')
    if (name.left === 0) throw new MalformedBytes('a protocol name is empty')
    protocols.push(String.fromCharCode(...name.rest()))
  }
  return protocols
}
