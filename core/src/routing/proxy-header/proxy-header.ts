import type { Endpoint, ProxyTlvFacts } from '@kong-ts/pdk'

/** Where the bytes of numbers stand in the specification: https://www.haproxy.org/download/3.2/doc/proxy-protocol.txt */

/** How version 2 begins (section 2.2). */
export const signature: Uint8Array = Uint8Array.from([
  0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a,
])

/** The commands of version 2, with the version in the high bits. */
export const commands = { local: 0x20, proxy: 0x21 } as const

/** The high and the low half of the byte that names what is forwarded. */
export const families = { unspecified: 0, ipv4: 1, ipv6: 2, unix: 3 } as const
export const protocols = { unspecified: 0, stream: 1, datagram: 2 } as const

/** A path of a unix socket, in bytes, padded with zeros. */
export const unixPathLength = 108

/** Bytes of a header of version 2 before its addresses. */
export const fixedLength = 16

/**
 * The largest header that is taken, in bytes. Senders keep it within a segment of TCP as a rule; those that send a
 * client's certificate along need a few kilobytes.
 */
export const longestHeader = 4096

/** Types of TLVs (sections 2.2.1 to 2.2.7). */
export const types = {
  alpn: 0x01,
  authority: 0x02,
  crc32c: 0x03,
  noop: 0x04,
  uniqueId: 0x05,
  ssl: 0x20,
  namespace: 0x30,
} as const

/** Types within the TLV `ssl`. */
export const sslTypes = {
  version: 0x21,
  cn: 0x22,
  cipher: 0x23,
  sigAlg: 0x24,
  keyAlg: 0x25,
} as const

/** Bits of its field `client`. */
export const sslBits = { tls: 0x01, connection: 0x02, session: 0x04 } as const

/** A unique id is not longer than this, in bytes. */
export const longestUniqueId = 128

/** A header that was read. */
export interface ProxyHeader {
  readonly version: 1 | 2
  /** Absent where the sender speaks for itself or cannot tell: the socket's own addresses count. */
  readonly addresses?: { readonly source: Endpoint; readonly destination: Endpoint }
  readonly tlvs: ProxyTlvFacts
}
