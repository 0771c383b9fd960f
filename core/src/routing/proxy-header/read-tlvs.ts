import type { ProxySslFacts, ProxyTlv, ProxyTlvFacts } from '@kong-ts/pdk'
import { ByteReader, MalformedBytes } from '../byte-reader.ts'
import { longestUniqueId, sslBits, sslTypes, types } from './proxy-header.ts'

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** Known types by their value; what is not among them is handed on as it is. */
const known: ReadonlySet<number> = new Set(Object.values(types))
const knownOfTls: ReadonlySet<number> = new Set(Object.values(sslTypes))

/** The TLVs of a header (section 2.2). @throws MalformedBytes */
export function readTlvs(bytes: Uint8Array): ReturnType<typeof collect> {
  return collect(split(bytes))
}

/** The checksum is a view of the header, the others are copies. */
function collect(all: readonly ProxyTlv[]): {
  readonly facts: ProxyTlvFacts
  readonly checksum: Uint8Array | undefined
} {
  const single = byType(all.filter(({ type }) => known.has(type) && type !== types.noop))
  const others = all.filter(({ type }) => !known.has(type))
  const checksum = single.get(types.crc32c)
  if (checksum && checksum.length !== 4) throw new MalformedBytes('the checksum has not 4 bytes')
  const facts = {
    ...readNames(single),
    ...readOpaque(single),
    ...(others.length > 0 && {
      others: others.map(({ type, value }) => ({ type, value: new Uint8Array(value) })),
    }),
  }
  return { facts, checksum }
}

type Values = ReadonlyMap<number, Uint8Array>

/** An empty value tells nothing. */
function readNames(values: Values): ProxyTlvFacts {
  const authority = text(values.get(types.authority), 'the authority')
  const namespace = text(values.get(types.namespace), 'the namespace')
  const alpn = values.get(types.alpn)
  return {
    ...(authority !== '' && { authority }),
    ...(namespace !== '' && { namespace }),
    ...(alpn && alpn.length > 0 && { alpn: Buffer.from(alpn).toString('latin1') }),
  }
}

function readOpaque(values: Values): ProxyTlvFacts {
  const uniqueId = values.get(types.uniqueId) ?? new Uint8Array()
  if (uniqueId.length > longestUniqueId) throw new MalformedBytes('the unique id is too long')
  const ssl = values.get(types.ssl)
  return {
    ...(uniqueId.length > 0 && { uniqueId: new Uint8Array(uniqueId) }),
    ...(ssl && { ssl: readSsl(ssl) }),
  }
}

function split(bytes: Uint8Array): ProxyTlv[] {
  const reader = new ByteReader(bytes)
  const tlvs: ProxyTlv[] = []
  while (reader.left > 0) {
    const type = reader.u8('a TLV')
    tlvs.push({ type, value: reader.take(reader.u16('a TLV'), 'a TLV') })
  }
  return tlvs
}

/** Two values for one fact could be read as either. */
function byType(tlvs: readonly ProxyTlv[]): Values {
  const values = new Map<number, Uint8Array>()
  for (const { type, value } of tlvs) {
    if (values.has(type)) throw new MalformedBytes(`TLV ${hex(type)} comes twice`)
    values.set(type, value)
  }
  return values
}

function hex(type: number): string {
  return `0x${type.toString(16).padStart(2, '0')}`
}

/** Empty where there is none. */
function text(value: Uint8Array | undefined, what: string): string {
  try {
    return utf8.decode(value)
  } catch {
    throw new MalformedBytes(`${what} is not UTF-8`)
  }
}

function readSsl(bytes: Uint8Array): ProxySslFacts {
  const reader = new ByteReader(bytes)
  const client = reader.u8('the TLV of TLS')
  const verify = reader.take(4, 'the TLV of TLS')
  const rest = split(reader.take(reader.left, 'the TLV of TLS'))
  const values = byType(rest.filter(({ type }) => knownOfTls.has(type)))
  const certificate = whenShown(client)
  return {
    tls: (client & sslBits.tls) !== 0,
    ...(certificate && { certificate }),
    // Some senders tell 0, which is success, where there was no certificate at all.
    verified: certificate !== undefined && verify.every((byte) => byte === 0),
    ...readNamesOfTls(values),
  }
}

function readNamesOfTls(values: Values): Partial<ProxySslFacts> {
  const version = text(values.get(sslTypes.version), 'the version of TLS')
  const cipher = text(values.get(sslTypes.cipher), 'the cipher')
  const cn = text(values.get(sslTypes.cn), 'the common name')
  const sigAlg = text(values.get(sslTypes.sigAlg), 'the signature algorithm')
  const keyAlg = text(values.get(sslTypes.keyAlg), 'the key algorithm')
  return {
    ...(version !== '' && { version }),
    ...(cipher !== '' && { cipher }),
    ...(cn !== '' && { cn }),
    ...(sigAlg !== '' && { sigAlg }),
    ...(keyAlg !== '' && { keyAlg }),
  }
}

function whenShown(client: number): ProxySslFacts['certificate'] {
  if (client & sslBits.connection) return 'connection'
  return client & sslBits.session ? 'session' : undefined
}
