import type { Endpoint } from '@kong-ts/pdk'
import { unmap } from '../address.ts'
import { addressText } from '../address-text.ts'
import { ByteReader, MalformedBytes } from '../byte-reader.ts'
import { crc32c } from './crc32c.ts'
import {
  commands,
  families,
  fixedLength,
  longestHeader,
  protocols,
  type ProxyHeader,
  signature,
  unixPathLength,
} from './proxy-header.ts'
import { readTlvs } from './read-tlvs.ts'

/**
 * How long a header of version 2 is, in bytes, or how many are needed to tell.
 * @param bytes begin with its signature, as far as they go
 * @throws MalformedBytes
 */
export function lengthOfV2(bytes: Uint8Array): number {
  if (bytes.length < fixedLength) return fixedLength
  const reader = new ByteReader(bytes.subarray(signature.length, fixedLength))
  const command = reader.u8('the command')
  if (command >> 4 !== 2) throw new MalformedBytes('the version is neither 1 nor 2')
  if (command !== commands.local && command !== commands.proxy) {
    throw new MalformedBytes('the command is neither LOCAL nor PROXY')
  }
  reader.u8('the family')
  const length = fixedLength + reader.u16('the length')
  if (length > longestHeader) {
    throw new MalformedBytes(`the header is longer than ${longestHeader} bytes`)
  }
  return length
}

/** Reads a whole header of version 2 (section 2.2). @throws MalformedBytes */
export function readV2(whole: Uint8Array): ProxyHeader {
  const reader = new ByteReader(whole)
  reader.take(signature.length, 'the signature')
  // A proxy that speaks for itself, to look after our health say: whatever follows is to be ignored.
  if (reader.u8('the command') === commands.local) return { version: 2, tlvs: {} }
  const family = reader.u8('the family')
  const block = reader.vector16('the header')
  if (!isStream(family >> 4, family & 15)) return { version: 2, tlvs: {} }
  const addresses = readAddresses(family >> 4, block)
  const { facts, checksum } = readTlvs(block.take(block.left, 'the TLVs'))
  if (checksum) verify(whole, checksum)
  return { version: 2, ...(addresses && { addresses }), tlvs: facts }
}

/** False: it is not specified what it is, and nothing tells where addresses would end. */
function isStream(family: number, protocol: number): boolean {
  if (family > families.unix || protocol > protocols.datagram) {
    throw new MalformedBytes('there is no such family or protocol')
  }
  if (protocol === protocols.datagram) throw new MalformedBytes('datagrams are not served')
  return family !== families.unspecified && protocol !== protocols.unspecified
}

function readAddresses(family: number, block: ByteReader): ProxyHeader['addresses'] {
  if (family === families.unix) {
    block.take(2 * unixPathLength, 'the addresses')
    return undefined
  }
  const read = family === families.ipv4 ? readIPv4 : readIPv6
  const source = read(block)
  const destination = read(block)
  const endpoint = (address: string): Endpoint => ({ address, port: block.u16('a port') })
  return { source: endpoint(source), destination: endpoint(destination) }
}

function readIPv4(block: ByteReader): string {
  const value = block.u16('an address') * 65_536 + block.u16('an address')
  return addressText({ family: 4, value })
}

function readIPv6(block: ByteReader): string {
  const group = (): number => block.u16('an address')
  const address = [group(), group(), group(), group(), group(), group(), group(), group()] as const
  // An IPv4 client of a socket for both families is the IPv4 client that it is, in routes and logs.
  return addressText(unmap(address))
}

/** The checksum is that of the header with zeros in its place (section 2.2.3). */
function verify(whole: Uint8Array, checksum: Uint8Array): void {
  const at = checksum.byteOffset - whole.byteOffset
  const told = new DataView(checksum.buffer, checksum.byteOffset).getUint32(0)
  const blank = new Uint8Array(whole)
  blank.fill(0, at, at + 4)
  if (crc32c(blank) !== told) throw new MalformedBytes('the checksum is wrong')
}
