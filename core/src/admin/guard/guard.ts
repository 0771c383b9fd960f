import type { IncomingHttpHeaders } from 'node:http'
import { isIP } from 'node:net'
import type { AdminOptions } from '../deps.ts'

const reading = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * Whether a request was meant for this server. A page on a name that its owner points at this machine (DNS
 * rebinding) calls by that name; addresses, `localhost` and the configured names cannot be taken over so.
 */
export function isKnownHost(host: string | undefined, { hosts }: AdminOptions): boolean {
  if (host === undefined) return true
  const name = hostName(host)
  return name !== undefined && (isIP(name) !== 0 || isLocal(name) || hosts.includes(name))
}

/** Whether a method may change anything. */
export function isWrite(method: string): boolean {
  return !reading.has(method)
}

/** Whether a page of somebody else makes this write: browsers name the page's origin on every write. */
export function isForeignWrite(
  method: string,
  headers: IncomingHttpHeaders,
  protocol: 'http' | 'https',
  options: AdminOptions,
): boolean {
  if (!isWrite(method)) return false
  const { origin, host } = headers
  if (origin === undefined) return headers['sec-fetch-site'] === 'cross-site'
  return !isOwnOrigin(origin, options) && !isOfHost(origin, host, protocol)
}

/** Whether a page is one of ours wherever it was loaded from: of this machine, or of a configured origin. */
export function isOwnOrigin(origin: string, { origins }: AdminOptions): boolean {
  if (origins.includes(origin)) return true
  if (!URL.canParse(origin)) return false
  const { protocol, hostname } = new URL(origin)
  return ['http:', 'https:'].includes(protocol) && isLoopback(hostname)
}

/**
 * A page that this very server has sent may write too. Over TLS it came over TLS; without, a proxy may have added it.
 */
function isOfHost(origin: string, host = '', protocol: 'http' | 'https'): boolean {
  if (!URL.canParse(origin) || !URL.canParse(`${protocol}://${host}`)) return false
  const page = new URL(origin)
  if (protocol === 'https') return page.origin === new URL(`https://${host}`).origin
  return page.host === host.toLowerCase()
}

/** Whether an address, or the host of a URL, is of this very machine. */
export function isLoopback(name: string): boolean {
  const bare = name.replace(/^\[(.*)\]$/, '$1').replace(/^::ffff:(?=\d+\.)/, '')
  return isLocal(bare) || bare === '::1' || (isIP(bare) === 4 && bare.startsWith('127.'))
}

function isLocal(name: string): boolean {
  return name === 'localhost' || name.endsWith('.localhost')
}

function hostName(host: string): string | undefined {
  const [, bracketed, plain] = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::\d*)?$/.exec(host) ?? []
  return (bracketed ?? plain)?.toLowerCase().replace(/\.$/, '')
}
