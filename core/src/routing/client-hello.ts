import type { Hello } from '@kong-ts/pdk'
import { ByteReader, checkU16s, MalformedBytes } from './byte-reader.ts'
import { fingerprintsOf, type Fingerprints } from './fingerprints.ts'
import { ALPN, POINT_FORMATS, readProtocols, SIGNATURE_ALGORITHMS } from './hello-parts.ts'
import { SERVER_NAME, SUPPORTED_GROUPS, SUPPORTED_VERSIONS } from './hello-parts.ts'
import { assembleHello } from './hello-records.ts'
import { readServerName } from './server-name.ts'

export { isTlsRecord } from './hello-records.ts'

const noProtocols: readonly string[] = Object.freeze([])

/** What the first bytes of a client are. */
export type ParsedHello =
  /** Incomplete: so many bytes in all are needed, always more than there were. */
  | { readonly kind: 'more'; readonly atLeast: number }
  | { readonly kind: 'hello'; readonly hello: Hello }
  | { readonly kind: 'malformed'; readonly reason: string }

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
  reader.skip(2, 'the version')
  reader.skip(32, 'the random')
  if (reader.vector8('the session id').left > 32) {
    throw new MalformedBytes('the session id is too long')
  }
  checkU16s(reader.vector16('the cipher suites'), 'the cipher suites')
  if (reader.vector8('the compression methods').left === 0) {
    throw new MalformedBytes('there is no compression method')
  }
  return readExtensions(reader, body)
}

/** A ClientHello before TLS 1.3 may end without any. */
function readExtensions(reader: ByteReader, body: Uint8Array): Hello {
  if (reader.left === 0) return new ReadHello(body, undefined, noProtocols)
  const list = reader.vector16('the extensions')
  reader.end('the ClientHello')
  const types = new SeenTypes()
  let serverName: string | undefined
  let alpn = noProtocols
  while (list.left > 0) {
    const type = list.u16('an extension')
    types.add(type)
    const data = list.vector16('an extension')
    if (type === SERVER_NAME) serverName = readServerName(data)
    else if (type === ALPN) alpn = readProtocols(data)
    else check(type, data)
  }
  return new ReadHello(body, serverName, alpn)
}

/** The types of the extensions so far. Nearly all are small: those cost two numbers. */
class SeenTypes {
  #low = 0
  #middle = 0
  #others: Set<number> | undefined

  add(type: number): void {
    if (this.#has(type)) throw new MalformedBytes('an extension comes twice')
    if (type < 32) this.#low |= 1 << type
    else if (type < 64) this.#middle |= 1 << (type - 32)
    else (this.#others ??= new Set()).add(type)
  }

  #has(type: number): boolean {
    if (type < 32) return (this.#low & (1 << type)) !== 0
    if (type < 64) return (this.#middle & (1 << (type - 32))) !== 0
    return this.#others?.has(type) === true
  }
}

/** That what the gateway, or a fingerprint, reads of an extension is as it must be. */
function check(type: number, data: ByteReader): void {
  switch (type) {
    case SUPPORTED_VERSIONS:
      checkU16s(data.vector8('the supported versions'), 'the supported versions')
      return data.end('the supported versions extension')
    case SIGNATURE_ALGORITHMS:
      checkU16s(data.vector16('the signature algorithms'), 'the signature algorithms')
      return data.end('the signature algorithms extension')
    case SUPPORTED_GROUPS:
      checkU16s(data.vector16('the groups'), 'the groups')
      return data.end('the groups extension')
    case POINT_FORMATS:
      data.vector8('the point formats')
      return data.end('the point formats extension')
    default:
  }
}

/** A fingerprint is made when it is first asked for: most sessions never do. It is made of a copy of the body. */
class ReadHello implements Hello {
  readonly serverName?: string
  readonly alpn: readonly string[]
  readonly #body: string
  #fingerprints: Fingerprints | undefined

  constructor(body: Uint8Array, serverName: string | undefined, alpn: readonly string[]) {
    if (serverName !== undefined) this.serverName = serverName
    this.alpn = alpn
    // A text is a fraction of an array's size, and its bytes may be written over once they were shown.
    this.#body = Buffer.from(body.buffer, body.byteOffset, body.length).toString('latin1')
  }

  get ja4(): string {
    return this.#made.ja4
  }

  get ja3(): string {
    return this.#made.ja3
  }

  get #made(): Fingerprints {
    return (this.#fingerprints ??= fingerprintsOf(this.#body))
  }

  toJSON(): Hello {
    const { serverName, alpn } = this
    const name = serverName === undefined ? {} : { serverName }
    return { ...name, alpn, ja4: this.ja4, ja3: this.ja3 }
  }
}
