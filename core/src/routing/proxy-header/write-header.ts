import type { Endpoint, ProxyTlvFacts } from '@kong-ts/pdk'
import { type Groups, parseAddress } from '../address.ts'
import { addressText } from '../address-text.ts'
import {
  commands,
  families,
  fixedLength,
  protocols,
  signature,
  unixPathLength,
} from './proxy-header.ts'
import { sealed, writeTlvs } from './write-tlvs.ts'

/** What a PROXY header is to tell. */
export interface Introduction {
  /** The client, and what it reached; absent: whoever sends it speaks for itself. */
  readonly addresses?: { readonly source: Endpoint; readonly destination: Endpoint }
  /** Of version 2 only. */
  readonly tlvs?: ProxyTlvFacts
  /** Whether there is a checksum, of version 2 only. */
  readonly checksum?: boolean
}

/**
 * A header of version 1 (section 2.1 of the specification) or 2. Where one address is IPv4 and the other is not, both
 * are written as IPv6, the one in its mapped form; what version 1 has no words for is `UNKNOWN` there.
 */
export function writeProxyHeader(version: 'v1' | 'v2', told: Introduction): Uint8Array {
  return version === 'v1' ? writeV1(told) : writeV2(told)
}

function writeV1({ addresses }: Introduction): Uint8Array {
  const pair = addresses && pairOf(addresses.source, addresses.destination)
  if (!addresses || !pair) return Buffer.from('PROXY UNKNOWN\r\n')
  const family = pair.family === 4 ? 'TCP4' : 'TCP6'
  const ports = `${addresses.source.port} ${addresses.destination.port}`
  const words = pair.family === 4 ? pair.values.map(dotted) : pair.values.map(coloned)
  return Buffer.from(`PROXY ${family} ${words.join(' ')} ${ports}\r\n`)
}

function writeV2({ addresses, tlvs = {}, checksum = false }: Introduction): Uint8Array {
  const { family, bytes } = addresses
    ? block(addresses.source, addresses.destination)
    : { family: families.unspecified, bytes: Buffer.alloc(0) }
  const stream = family === families.unspecified ? protocols.unspecified : protocols.stream
  const start = Buffer.alloc(fixedLength)
  start.set(signature)
  start[12] = addresses ? commands.proxy : commands.local
  start[13] = (family << 4) | stream
  const rest = Buffer.concat([bytes, writeTlvs(tlvs, checksum)])
  start.writeUInt16BE(rest.length, 14)
  const whole = Buffer.concat([start, rest])
  return checksum ? sealed(whole) : whole
}

type Family = (typeof families)[keyof typeof families]

/** The addresses as they stand in a header of version 2. */
function block(
  source: Endpoint,
  destination: Endpoint,
): { readonly family: Family; readonly bytes: Buffer } {
  const ends = [source, destination]
  const pair = pairOf(source, destination)
  if (pair) {
    const values = pair.family === 4 ? pair.values.map(u32) : pair.values.map(u16s)
    const family = pair.family === 4 ? families.ipv4 : families.ipv6
    return { family, bytes: Buffer.concat([...values, u16s(ends.map(({ port }) => port))]) }
  }
  if (ends.every(({ address }) => address.startsWith('unix:'))) {
    return { family: families.unix, bytes: Buffer.concat(ends.map(unixPath)) }
  }
  return { family: families.unspecified, bytes: Buffer.alloc(0) }
}

type Pair =
  | { readonly family: 4; readonly values: readonly number[] }
  | { readonly family: 6; readonly values: readonly Groups[] }

/** Both addresses in one family; undefined where one of them is none of the internet's. */
function pairOf(source: Endpoint, destination: Endpoint): Pair | undefined {
  const one = parseAddress(source.address)
  const other = parseAddress(destination.address)
  if (!one || !other) return undefined
  if (one.family === 4 && other.family === 4) {
    return { family: 4, values: [one.value, other.value] }
  }
  const values = [one, other].map((address) =>
    address.family === 6 ? address.groups : mapped(address.value),
  )
  return { family: 6, values }
}

/** RFC 4291 section 2.5.5.2. */
function mapped(value: number): Groups {
  return [0, 0, 0, 0, 0, 0xffff, value >>> 16, value & 0xffff]
}

function dotted(value: number): string {
  return addressText({ family: 4, value })
}

/** Without the dots that many write in mapped addresses: the specification knows hexadecimal groups only. */
function coloned(groups: Groups): string {
  return addressText({ family: 6, groups })
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

function u16s(values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(2 * values.length)
  for (const [index, value] of values.entries()) bytes.writeUInt16BE(value, 2 * index)
  return bytes
}

function unixPath({ address }: Endpoint): Buffer {
  const bytes = Buffer.alloc(unixPathLength)
  bytes.write(address.slice('unix:'.length))
  return bytes
}
