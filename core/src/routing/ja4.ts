import { hash } from 'node:crypto'

/** What the fingerprint is made of. Values stand in the client's order; GREASE may be among them. */
export interface HelloParts {
  /** The version field of the ClientHello. */
  readonly version: number
  /** The supported_versions extension; absent when it was not sent. */
  readonly versions: readonly number[] | undefined
  readonly ciphers: readonly number[]
  readonly extensions: readonly number[]
  /** The signature_algorithms extension; empty when it was not sent. */
  readonly signatures: readonly number[]
  /** The supported_groups extension; absent when it was not sent. */
  readonly groups?: readonly number[] | undefined
  /** The ec_point_formats extension; absent when it was not sent. */
  readonly pointFormats?: readonly number[] | undefined
  /** One character per byte. */
  readonly alpn: readonly string[]
}

const SERVER_NAME = 0x0000
const ALPN = 0x0010

const versionNames: ReadonlyMap<number, string> = new Map([
  [0x0304, '13'],
  [0x0303, '12'],
  [0x0302, '11'],
  [0x0301, '10'],
  [0x0300, 's3'],
  [0x0002, 's2'],
])

/**
 * The JA4 fingerprint of a TLS client over TCP, as published by FoxIO (technical_details/JA4.md in its repository
 * `ja4`): how many ciphers and extensions there are, then hashes of both lists.
 */
export function ja4(parts: HelloParts): string {
  const ciphers = parts.ciphers.filter(isMeant)
  const extensions = parts.extensions.filter(isMeant)
  const name = extensions.includes(SERVER_NAME) ? 'd' : 'i'
  const counts = countOf(ciphers) + countOf(extensions)
  const first = `t${versionOf(parts)}${name}${counts}${alpnOf(parts.alpn)}`
  const hashed = extensions.filter((type) => type !== SERVER_NAME && type !== ALPN)
  const signatures = parts.signatures.filter(isMeant).map(hex)
  const tail = signatures.length > 0 ? `_${signatures.join()}` : ''
  return `${first}_${digest(sorted(ciphers))}_${digest(sorted(hashed), tail)}`
}

/** Not one of the values that clients send to keep servers tolerant (GREASE, RFC 8701): 0x0a0a, 0x1a1a … 0xfafa. */
export function isMeant(value: number): boolean {
  return (value & 0x0f0f) !== 0x0a0a || value >> 8 !== (value & 0xff)
}

function versionOf({ version, versions }: HelloParts): string {
  const highest = versions ? Math.max(...versions.filter(isMeant)) : version
  return versionNames.get(highest) ?? '00'
}

function countOf(values: readonly number[]): string {
  return String(Math.min(values.length, 99)).padStart(2, '0')
}

/** The first and last character of the first protocol, or of its hex form when either is no letter or digit. */
function alpnOf(protocols: readonly string[]): string {
  const first = protocols.find((protocol) => !isGreaseProtocol(protocol))
  if (first === undefined || first === '') return '00'
  const ends = `${first.charAt(0)}${first.charAt(first.length - 1)}`
  if (/^[0-9a-z]{2}$/i.test(ends)) return ends
  const digits = Buffer.from(first, 'latin1').toString('hex')
  return `${digits.charAt(0)}${digits.charAt(digits.length - 1)}`
}

function isGreaseProtocol(protocol: string): boolean {
  return protocol.length === 2 && !isMeant(protocol.charCodeAt(0) * 256 + protocol.charCodeAt(1))
}

function sorted(values: readonly number[]): string {
  return values.map(hex).toSorted().join()
}

function hex(value: number): string {
  return value.toString(16).padStart(4, '0')
}

/** Twelve digits; zeros say that the list is empty. */
function digest(list: string, tail = ''): string {
  return list === '' ? '000000000000' : hash('sha256', list + tail, 'hex').slice(0, 12)
}
