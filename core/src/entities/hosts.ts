import { isIP } from 'node:net'

const label = /^[\p{L}\p{N}_]([\p{L}\p{N}_-]{0,61}[\p{L}\p{N}_])?$/u

/** Whether a text is a host name (RFC 1123 section 2.1, with underscores), with or without a final dot. */
export function isHostName(text: string): boolean {
  const bare = text.endsWith('.') ? text.slice(0, -1) : text
  return bare.length <= 253 && bare.split('.').every((part) => label.test(part))
}

/** Why a text is no host of a service; a unix socket is written `unix:/path`. */
export function faultOfHost(text: string): string | undefined {
  if (text.startsWith('unix:/')) return undefined
  if (isIP(withoutBrackets(text)) !== 0) return undefined
  if (hasPort(text)) return 'must not have a port'
  // Of digits and dots alone it would be an address, and it is none.
  return isHostName(text) && !/^[\d.]+$/.test(text) ? undefined : `invalid value: ${text}`
}

/** As a host, with a port behind it or without. */
export function faultOfHostWithPort(text: string): string | undefined {
  const [, host = text, digits] = /^(.+):(\d{1,5})$/.exec(isIP(text) === 6 ? '' : text) ?? []
  if (digits !== undefined && Number(digits) > 65_535) return 'invalid port number'
  return isIP(withoutBrackets(host)) !== 0 || isHostName(host)
    ? undefined
    : `invalid value: ${text}`
}

/** As a host with a port or without, with one wildcard in its first or last label. */
export function faultOfRouteHost(text: string): string | undefined {
  const [, ...more] = text.split('*')
  if (more.length > 1) return 'invalid wildcard: must have at most one wildcard'
  if (more.length === 1 && !/^\*\.|\.\*(?::\d+)?$/.test(text)) {
    return 'invalid wildcard: must be placed at leftmost or rightmost label'
  }
  return faultOfHostWithPort(text.replace('*', 'any')) && `invalid value: ${text}`
}

/** Why a text is no SNI: a host name, `*.name`, `name.*` or `*`. */
export function faultOfSni(text: string): string | undefined {
  const wildcard = faultOfWildcard(text)
  if (wildcard !== undefined) return wildcard
  if (text === '*') return undefined
  const host = text.replace(/^\*\./, '').replace(/\.\*$/, '')
  const address = /^(\[.+\]|[\d.]+):\d+$/.exec(host)?.[1] ?? host
  if (isIP(withoutBrackets(address)) !== 0) return 'must not be an IP'
  if (hasPort(host)) return 'must not have a port'
  return isHostName(host) ? undefined : `invalid value: ${text}`
}

function faultOfWildcard(text: string): string | undefined {
  const first = text.indexOf('*')
  if (first === -1) return undefined
  if (first !== 0 && first !== text.length - 1) {
    return 'wildcard must be leftmost or rightmost character'
  }
  return first === text.lastIndexOf('*') ? undefined : 'only one wildcard must be specified'
}

function hasPort(text: string): boolean {
  const match = /^(.+):\d+$/.exec(text)
  return match?.[1] !== undefined && (isHostName(match[1]) || isIP(withoutBrackets(match[1])) !== 0)
}

function withoutBrackets(text: string): string {
  return text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text
}
