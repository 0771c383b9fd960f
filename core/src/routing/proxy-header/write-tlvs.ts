import type { ProxySslFacts, ProxyTlvFacts } from '@kong-ts/pdk'
import { crc32c } from './crc32c.ts'
import { longestUniqueId, sslBits, sslTypes, types } from './proxy-header.ts'

/** The checksum comes last, where it is easily found again. */
const checksumLength = 4

/** @param checksum whether room is made for one; see `sealed` */
export function writeTlvs(facts: ProxyTlvFacts, checksum: boolean): Buffer {
  const { authority, alpn, uniqueId, ssl, namespace, others = [] } = facts
  return Buffer.concat([
    ...texts(types.alpn, alpn, 'latin1'),
    ...texts(types.authority, authority),
    ...(uniqueId ? [tlv(types.uniqueId, uniqueId.subarray(0, longestUniqueId))] : []),
    ...(ssl ? [tlv(types.ssl, writeSsl(ssl))] : []),
    ...texts(types.namespace, namespace),
    ...others.map(({ type, value }) => tlv(type, value)),
    ...(checksum ? [tlv(types.crc32c, Buffer.alloc(checksumLength))] : []),
  ])
}

/** Fills in the checksum of a header that ends with it. */
export function sealed(header: Buffer): Buffer {
  header.writeUInt32BE(crc32c(header), header.length - checksumLength)
  return header
}

function writeSsl({ tls, certificate, verified, ...named }: ProxySslFacts): Buffer {
  const shown = certificate === undefined ? 0 : sslBits.session
  const now = certificate === 'connection' ? sslBits.connection : 0
  const fixed = Buffer.alloc(5)
  fixed[0] = (tls ? sslBits.tls : 0) | shown | now
  fixed.writeUInt32BE(verified ? 0 : 1, 1)
  return Buffer.concat([
    fixed,
    ...texts(sslTypes.version, named.version),
    ...texts(sslTypes.cn, named.cn),
    ...texts(sslTypes.cipher, named.cipher),
    ...texts(sslTypes.sigAlg, named.sigAlg),
    ...texts(sslTypes.keyAlg, named.keyAlg),
  ])
}

function texts(type: number, text: string | undefined, encoding?: 'latin1'): readonly Buffer[] {
  return text === undefined ? [] : [tlv(type, Buffer.from(text, encoding))]
}

function tlv(type: number, value: Uint8Array): Buffer {
  const start = Buffer.alloc(3)
  start[0] = type
  start.writeUInt16BE(value.length, 1)
  return Buffer.concat([start, value])
}
