import { parseAddress } from './address.ts'
import { type ByteReader, MalformedBytes } from './byte-reader.ts'

const HOST_NAME = 0

/**
 * Reads the server_name extension (RFC 6066 section 3): exactly one host name, in lower case and without the dot of
 * the root. What a name must not be is refused rather than left out, so that no other route can serve it.
 * @throws MalformedBytes
 */
export function readServerName(extension: ByteReader): string {
  const list = extension.vector16('the server name list')
  extension.end('the server name extension')
  if (list.left === 0) throw new MalformedBytes('the server name list is empty')
  if (list.u8('a server name') !== HOST_NAME) {
    throw new MalformedBytes('a server name has an unknown type')
  }
  const name = list.vector16('a server name')
  if (list.left > 0) throw new MalformedBytes('there is more than one server name')
  if (name.left === 0 || name.left > 255) {
    throw new MalformedBytes('the server name has no or too many bytes')
  }
  return normalise(readText(name).toLowerCase())
}

function readText(name: ByteReader): string {
  const bytes: number[] = []
  while (name.left > 0) {
    const byte = name.u8('a server name')
    if (byte <= 0x20 || byte >= 0x7f) {
      throw new MalformedBytes('the server name has a character that no name has')
    }
    bytes.push(byte)
  }
  return String.fromCharCode(...bytes)
}

function normalise(text: string): string {
  const name = text.endsWith('.') ? text.slice(0, -1) : text
  if (name === '' || name.startsWith('.') || name.endsWith('.') || name.includes('..')) {
    throw new MalformedBytes('the server name has an empty label')
  }
  if (mayBeLiteral.test(name) && isLiteral(name)) {
    throw new MalformedBytes('the server name is an address')
  }
  return name
}

/** An IPv4 address ends with a digit, an IPv6 one has colons or is in brackets. */
const mayBeLiteral = /^\[|:|\d$/

/** Also in the spellings that no address parser takes but some clients do: `010.0.0.1`, `[::1]`. */
function isLiteral(name: string): boolean {
  return /^\d+(\.\d+){3}$/.test(name) || name.startsWith('[') || parseAddress(name) !== undefined
}
