import type { IncomingHttpHeaders } from 'node:http'
import { isIP } from 'node:net'
import type { AdminOptions } from './deps.ts'

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

/** Whether a page of somebody else makes this write: browsers name the page's origin on every write. */
export function isForeignWrite(
  method: string,
  headers: IncomingHttpHeaders,
  options: AdminOptions,
): boolean {
  if (reading.has(method)) return false
  const { origin, host } = headers
  if (origin === undefined) return headers['sec-fetch-site'] === 'cross-site'
  return !isTrusted(origin, host, options)
}

/** Whether a page is one of ours wherever it was loaded from: of this machine, or of a configured origin. */
export function isOwnOrigin(origin: string, { origins }: AdminOptions): boolean {
  if (origins.includes(origin)) return true
  if (!URL.canParse(origin)) return false
  const { protocol, hostname } = new URL(origin)
  return ['http:', 'https:'].includes(protocol) && isLoopback(hostname)
}

/** A page that this very server has sent may write too. */
function isTrusted(origin: string, host: string | undefined, options: AdminOptions): boolean {
  if (isOwnOrigin(origin, options)) return true
  return URL.canParse(origin) && new URL(origin).host === host?.toLowerCase()
}

function isLoopback(name: string): boolean {
  const bare = name.replace(/^\[(.*)\]$/, '$1')
  return isLocal(bare) || bare === '::1' || (isIP(bare) === 4 && bare.startsWith('127.'))
}

function isLocal(name: string): boolean {
  return name === 'localhost' || name.endsWith('.localhost')
}

function hostName(host: string): string | undefined {
  const [, bracketed, plain] = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::\d*)?$/.exec(host) ?? []
  return (bracketed ?? plain)?.toLowerCase().replace(/\.$/, '')
}
