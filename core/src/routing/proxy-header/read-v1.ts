import type { Endpoint } from '@kong-ts/pdk'
import { parseAddress } from '../address.ts'
import { addressText } from '../address-text.ts'
import { MalformedBytes } from '../byte-reader.ts'
import type { ProxyHeader } from './proxy-header.ts'

/** With its CRLF a line of version 1 has at most so many bytes (section 2.1). */
const longestLine = 107

/**
 * Reads a line of version 1 (section 2.1), which begins with `PROXY`.
 * @returns the header and its length in bytes; undefined: its end is not there yet
 * @throws MalformedBytes
 */
export function readV1(
  bytes: Uint8Array,
): { readonly header: ProxyHeader; readonly length: number } | undefined {
  const line = Buffer.from(bytes.subarray(0, longestLine)).toString('latin1')
  const end = line.indexOf('\r\n')
  if (end >= 0) return { header: readLine(line.slice(0, end)), length: end + 2 }
  if (bytes.length >= longestLine) throw new MalformedBytes('the line is too long')
  return undefined
}

/** Exactly one space between the words. */
const words = /^PROXY (TCP[46]) ([^ ]+) ([^ ]+) ([^ ]+) ([^ ]+)$/

function readLine(line: string): ProxyHeader {
  if (/^PROXY UNKNOWN(?: |$)/.test(line)) return { version: 1, tlvs: {} }
  const found = words.exec(line)
  if (!found) throw new MalformedBytes('the line is not that of the PROXY protocol')
  return { version: 1, addresses: readAddresses(found), tlvs: {} }
}

function readAddresses([, family, ...rest]: readonly string[]): NonNullable<
  ProxyHeader['addresses']
> {
  const [source = '', destination = '', from = '', to = ''] = rest
  const read = family === 'TCP4' ? ipv4 : ipv6
  return {
    source: endpoint(read(source), from),
    destination: endpoint(read(destination), to),
  }
}

function endpoint(address: string | undefined, digits: string): Endpoint {
  if (address === undefined) throw new MalformedBytes('an address is not of the family')
  if (!/^(?:0|[1-9]\d{0,4})$/.test(digits) || Number(digits) > 65535) {
    throw new MalformedBytes('a port is not a number from 0 to 65535')
  }
  return { address, port: Number(digits) }
}

function ipv4(text: string): string | undefined {
  return /^[\d.]+$/.test(text) ? canonical(text) : undefined
}

/** Senders on a socket for both families write IPv4 addresses in the mapped form, with dots at the end. */
function ipv6(text: string): string | undefined {
  return /^[\da-f:][\da-f:.]*$/i.test(text) && text.includes(':') ? canonical(text) : undefined
}

function canonical(text: string): string | undefined {
  const address = parseAddress(text)
  return address && addressText(address)
}
