import { isIP, isIPv4 } from 'node:net'
import type { Answer } from '../names.ts'
import type { Clock } from './clock.ts'
import { freshFile } from './fresh-file.ts'
import { parseHosts } from './hosts.ts'
import type { Family } from './find-addresses.ts'
import { canonical } from './records.ts'

/** Hosts whose reading is remembered: every connection asks for one. */
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
  /** An answer, or the name to look for. */
  const read = new Map<string, Answer | string>()
  const hosts = freshFile(hostsFile, (text) => answersOf(parseHosts(text), families), clock)
  const loopback = answer(['127.0.0.1', '::1'].filter((address) => isWanted(address, families)))
  const readHost = (host: string): Answer | string => {
    const literal = literalOf(host)
    if (literal !== undefined) return answer([literal])
    const name = canonical(host)
    return isLoopback(name) ? loopback : name
  }
  const recall = (host: string): Answer | string => {
    const known = read.get(host)
    if (known !== undefined) return known
    const fresh = readHost(host)
    if (read.size < capacity) read.set(host, fresh)
    return fresh
  }
  return {
    unchanging(host) {
      const known = recall(host)
      return typeof known === 'string' ? undefined : known
    },
    find(host) {
      const known = recall(host)
      return typeof known === 'string' ? hosts().get(known) : known
    },
  }
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
