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

function isTrusted(origin: string, host: string | undefined, { origins }: AdminOptions): boolean {
  if (origins.includes(origin)) return true
  if (!URL.canParse(origin)) return false
  const url = new URL(origin)
  return url.host === host?.toLowerCase() || isLoopback(url.hostname)
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
