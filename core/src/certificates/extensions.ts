import { isIP } from 'node:net'
import { bits, boolean, octets, oid, sequence, tlv } from './der.ts'

/** What the extensions of a certificate say (RFC 5280 section 4.2.1). */
export interface Extensions {
  readonly ca: boolean
  readonly key: 'rsa' | 'ec'
  readonly names: readonly string[]
  readonly subjectKeyId: Buffer
  readonly authorityKeyId: Buffer
}

const serverAuth = '1.3.6.1.5.5.7.3.1'
const clientAuth = '1.3.6.1.5.5.7.3.2'

/** The contents of the `[3]` field of a certificate. */
export function writeExtensions(options: Extensions): Buffer {
  const { ca, names } = options
  const alternative = names.length > 0 ? [extension('2.5.29.17', sequence(...names.map(san)))] : []
  return sequence(
    extension('2.5.29.19', sequence(...(ca ? [boolean(true)] : [])), true),
    extension('2.5.29.15', keyUsage(options), true),
    ...(ca ? [] : [extension('2.5.29.37', sequence(oid(serverAuth), oid(clientAuth)))]),
    extension('2.5.29.14', octets(options.subjectKeyId)),
    extension('2.5.29.35', sequence(tlv(0x80, options.authorityKeyId))),
    ...alternative,
  )
}

function extension(id: string, value: Buffer, critical = false): Buffer {
  return sequence(oid(id), ...(critical ? [boolean(true)] : []), octets(value))
}

/** An authority signs certificates and revocation lists; only RSA keys can encipher a key. */
function keyUsage({ ca, key }: Extensions): Buffer {
  if (ca) return bits(Buffer.from([0x86]), 1)
  return key === 'rsa' ? bits(Buffer.from([0xa0]), 5) : bits(Buffer.from([0x80]), 7)
}

/** A GeneralName: an address, a URI (it has `://`) or a DNS name. */
function san(name: string): Buffer {
  if (isIP(name) !== 0) return tlv(0x87, addressBytes(name))
  if (!/^[\x21-\x7e]+$/.test(name)) {
    throw new TypeError(`not a DNS name or URI in ASCII: ${JSON.stringify(name)}`)
  }
  return tlv(name.includes('://') ? 0x86 : 0x82, Buffer.from(name, 'latin1'))
}

function addressBytes(address: string): Buffer {
  if (isIP(address) === 4) return Buffer.from(address.split('.').map(Number))
  // The URL parser writes every IPv6 address in hexadecimal groups, a dotted tail included.
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1)
  const [head = '', tail] = canonical.split('::')
  const left = groups(head)
  const right = groups(tail ?? '')
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => '0000')
  return Buffer.from([...left, ...zeros, ...right].join(''), 'hex')
}

function groups(text: string): string[] {
  return text === '' ? [] : text.split(':').map((group) => group.padStart(4, '0'))
}
