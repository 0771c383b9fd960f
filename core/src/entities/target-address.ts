import { isIPv4, isIPv6 } from 'node:net'

/** A target that names no port. */
const defaultPort = 8000

interface TargetAddress {
  readonly kind: 'name' | 'ipv4' | 'ipv6'
  readonly host: string
  readonly port: number | undefined
}

/**
 * Reads `host`, `host:port`, `ip`, `ip:port`, `ipv6` or `[ipv6]:port`; undefined for anything else. An IPv6 address
 * comes back with all its digits, as Kong stores it.
 */
export function readTargetAddress(text: string): TargetAddress | undefined {
  if (text.replaceAll(/[^:]/g, '').length > 1) return readIpv6(text)
  const [, host = '', digits] = /^([^:]+)(?::(\d{1,5}))?$/.exec(text) ?? []
  const kind = /^[\d.]+$/.test(host) ? 'ipv4' : 'name'
  const sound = kind === 'ipv4' ? isIPv4(host) : isName(host)
  return sound ? withPort(kind, host, digits) : undefined
}

function withPort(
  kind: TargetAddress['kind'],
  host: string,
  digits: string | undefined,
): TargetAddress | undefined {
  const port = digits === undefined ? undefined : Number(digits)
  return port !== undefined && port > 65_535 ? undefined : { kind, host, port }
}

/** `host:port` as it is stored: two ways to write one address are one target. */
export function canonicalTarget(text: string): string {
  const address = readTargetAddress(text)
  if (address === undefined) return text
  const { kind, host, port = defaultPort } = address
  return kind === 'ipv6' ? `[${host}]:${port}` : `${host}:${port}`
}

export function faultOfTarget(text: string): string | undefined {
  if (readTargetAddress(text) !== undefined) return undefined
  const shown = text.isWellFormed() ? ` ('${text}')` : ''
  return `Invalid target${shown}; not a valid hostname or ip address`
}

/** The name of an upstream stands where a service has a host. */
export function faultOfUpstreamName(text: string): string | undefined {
  const shown = text.isWellFormed() ? ` ('${text}')` : ''
  const address = readTargetAddress(text)
  if (address === undefined) return `Invalid name${shown}; must be a valid hostname`
  if (address.kind !== 'name') return `Invalid name${shown}; no ip addresses allowed`
  return address.port === undefined ? undefined : `Invalid name${shown}; no port allowed`
}

function readIpv6(text: string): TargetAddress | undefined {
  const [, bracketed, digits] = /^\[([^\]]*)\](?::(\d{1,5}))?$/.exec(text) ?? []
  const address = bracketed ?? text
  if (!isIPv6(address) || address.includes('%')) return undefined
  return withPort('ipv6', expandIpv6(address), digits)
}

/** All eight groups of four digits (RFC 4291 section 2.2, form 1, with the leading zeros). */
function expandIpv6(address: string): string {
  const [head = '', tail] = groupsOf(address).split('::')
  const before = head.split(':').filter((group) => group !== '')
  const after = (tail ?? '').split(':').filter((group) => group !== '')
  const middle = Array.from({ length: 8 - before.length - after.length }, () => '0')
  return [...before, ...middle, ...after]
    .map((group) => group.padStart(4, '0'))
    .join(':')
    .toLowerCase()
}

/** An IPv4 address at the end (form 3) is two groups. */
function groupsOf(address: string): string {
  return address.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, ...bytes: string[]) => {
    const [a, b, c, d] = bytes.slice(0, 4).map((byte) => Number(byte).toString(16).padStart(2, '0'))
    return `${a}${b}:${c}${d}`
  })
}

/** Letters, digits, `-`, `_` and dots; a segment may begin with a hyphen, as names in punycode do, but not end with one. */
function isName(host: string): boolean {
  if (!/^[\w.-]+$/.test(host) || host.length > 253) return false
  const bare = host.endsWith('.') ? host.slice(0, -1) : host
  return bare.split('.').every((segment) => segment !== '' && !segment.endsWith('-'))
}
