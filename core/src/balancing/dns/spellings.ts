import { domainToASCII } from 'node:url'
import { canonical } from './records.ts'

export interface Search {
  readonly search: readonly string[]
  readonly ndots: number
}

/**
 * The names that a host may stand for, in the order in which they are asked for: as it is first when it has dots
 * enough, last otherwise, and alone when it ends with a dot. Empty when it cannot be a name.
 */
export function spellings(host: string, { search, ndots }: Search): readonly string[] {
  const name = canonical(encoded(host))
  if (!isName(name)) return []
  if (host.endsWith('.')) return [name]
  const longer = search.map((domain) => `${name}.${domain}`).filter(isName)
  const dots = name.split('.').length - 1
  return dots >= ndots ? [name, ...longer] : [...longer, name]
}

/** Letters beyond ASCII are asked for in Punycode (RFC 5891). */
function encoded(host: string): string {
  return /^[\0-\x7f]*$/.test(host) ? host : domainToASCII(host)
}

/** Labels of 1 to 63 visible letters of ASCII, 253 in all (RFC 1035 section 2.3.4). */
export function isName(name: string): boolean {
  return name.length <= 253 && name.split('.').every((label) => /^[!-~]{1,63}$/.test(label))
}
