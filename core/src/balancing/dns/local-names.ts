import { isIP, isIPv4 } from 'node:net'
import type { Answer } from '../names.ts'
import type { Clock } from './clock.ts'
import { freshFile } from './fresh-file.ts'
import { parseHosts } from './hosts.ts'
import type { Family } from './find-addresses.ts'
import { canonical } from './records.ts'

/** Literals that are remembered; it is only their parsing that is saved. */
const capacity = 10_000

export interface LocalNames {
  /** Addresses, paths of unix sockets, and `localhost`. */
  unchanging(host: string): Answer | undefined
  /** Those, and the lines of the hosts file. */
  find(host: string): Answer | undefined
}

/** What needs no question. */
export function createLocalNames(
  { hostsFile, families }: { readonly hostsFile: string; readonly families: readonly Family[] },
  clock: Clock,
): LocalNames {
  const literals = new Map<string, Answer>()
  const hosts = freshFile(hostsFile, (text) => answersOf(parseHosts(text), families), clock)
  const loopback = answer(['127.0.0.1', '::1'].filter((address) => isWanted(address, families)))
  const unchanging = (host: string): Answer | undefined => {
    const known = literals.get(host)
    if (known) return known
    const literal = literalOf(host)
    if (literal === undefined) return isLoopback(canonical(host)) ? loopback : undefined
    const fresh = answer([literal])
    if (literals.size < capacity) literals.set(host, fresh)
    return fresh
  }
  return { unchanging, find: (host) => unchanging(host) ?? hosts().get(canonical(host)) }
}

/** Names that never leave the machine (RFC 6761 section 6.3), whatever a hosts file says. */
function isLoopback(name: string): boolean {
  return name === 'localhost' || name.endsWith('.localhost')
}

function literalOf(host: string): string | undefined {
  if (host.startsWith('unix:')) return host
  const address = host.replace(/^\[(.*)\]$/, '$1')
  return isIP(address) === 0 ? undefined : address
}

function answersOf(
  hosts: ReturnType<typeof parseHosts>,
  families: readonly Family[],
): ReadonlyMap<string, Answer> {
  const answers = new Map<string, Answer>()
  for (const [name, addresses] of hosts) {
    const usable = addresses.filter((address) => isWanted(address, families))
    if (usable.length > 0) answers.set(name, answer(usable))
  }
  return answers
}

function isWanted(address: string, families: readonly Family[]): boolean {
  return families.includes(isIPv4(address) ? 'A' : 'AAAA')
}

function answer(addresses: readonly string[]): Answer {
  const isSix = addresses.every((address) => isIP(address) === 6)
  return { addresses: addresses.map((ip) => ({ ip })), type: isSix ? 'AAAA' : 'A' }
}
