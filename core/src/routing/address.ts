import { ipv4Number } from '@kong-ts/pdk'

/** An IP address as numbers; an IPv4-mapped IPv6 address (RFC 4291 section 2.5.5.2) is the IPv4 address. */
export type Address =
  | { readonly family: 4; readonly value: number }
  | { readonly family: 6; readonly groups: Groups }

/** The eight 16-bit groups of an IPv6 address. */
export type Groups = readonly [number, number, number, number, number, number, number, number]

/** An address and the length of its network prefix in bits; 32 or 128 is the address alone. */
export interface Network {
  readonly address: Address
  readonly prefix: number
}

/**
 * Reads the text form of an IPv4 or IPv6 address (RFC 4291 section 2.2); a zone (`%eth0`) is left out.
 * Answers undefined for anything else, for example `unix:PATH`.
 */
export function parseAddress(text: string): Address | undefined {
  // Every IPv4 client of a listener on `::` is seen in the mapped form, so it is tried without the long way.
  const value = ipv4Number(text.startsWith('::ffff:') ? text.slice(7) : text)
  if (value !== undefined) return { family: 4, value }
  const zone = text.indexOf('%')
  const groups = parseGroups(zone < 0 ? text : text.slice(0, zone))
  return groups && unmap(groups)
}

/** Reads `address` or `address/prefix`; the prefix of an IPv4-mapped address counts from its 96th bit. */
export function parseNetwork(text: string): Network | undefined {
  const [bare = '', digits] = text.split('/', 2)
  const address = parseAddress(bare)
  if (!address) return undefined
  if (address.family === 4 && bare.includes(':')) return mappedNetwork(address.value, digits)
  const prefix = parsePrefix(digits, address.family === 4 ? 32 : 128)
  return prefix === undefined ? undefined : { address, prefix }
}

/** A network that is wider than the mapped range stays an IPv6 network: it holds no IPv4 address. */
function mappedNetwork(value: number, digits: string | undefined): Network | undefined {
  const prefix = parsePrefix(digits, 128)
  if (prefix === undefined) return undefined
  if (prefix >= 96) return { address: { family: 4, value }, prefix: prefix - 96 }
  const groups = [0, 0, 0, 0, 0, 0xffff, value >>> 16, value & 0xffff] as const
  return { address: { family: 6, groups }, prefix }
}

function parsePrefix(digits: string | undefined, longest: number): number | undefined {
  if (digits === undefined) return longest
  const prefix = /^\d{1,3}$/.test(digits) ? Number(digits) : longest + 1
  return prefix <= longest ? prefix : undefined
}

function parseGroups(text: string): Groups | undefined {
  const [left = '', right, ...more] = text.split('::')
  if (more.length > 0) return undefined
  const head = parseRun(left, right === undefined)
  const tail = parseRun(right ?? '', true)
  return head && tail && joinRuns(head, tail, right !== undefined)
}

/** What `::` stands for is one group of zeros at least. */
function joinRuns(
  head: readonly number[],
  tail: readonly number[],
  isShortened: boolean,
): Groups | undefined {
  const zeros = isShortened ? 8 - head.length - tail.length : 0
  if (isShortened && zeros < 1) return undefined
  const groups = [...head, ...Array<number>(zeros).fill(0), ...tail]
  return isGroups(groups) ? groups : undefined
}

function isGroups(values: readonly number[]): values is Groups {
  return values.length === 8
}

/** Groups between colons; only the last may be an IPv4 address, which is two groups. */
function parseRun(text: string, last: boolean): number[] | undefined {
  const groups: number[] = []
  if (text === '') return groups
  const parts = text.split(':')
  for (const [index, part] of parts.entries()) {
    if (/^[0-9a-f]{1,4}$/i.test(part)) groups.push(Number.parseInt(part, 16))
    else {
      const value = last && index === parts.length - 1 ? ipv4Number(part) : undefined
      if (value === undefined) return undefined
      groups.push(value >>> 16, value & 0xffff)
    }
  }
  return groups
}

/** An IPv4-mapped address is the IPv4 address. */
export function unmap(groups: Groups): Address {
  const [a, b, c, d, e, f, high, low] = groups
  const mapped = (a | b | c | d | e) === 0 && f === 0xffff
  return mapped ? { family: 4, value: high * 65_536 + low } : { family: 6, groups }
}
