import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import type { Awaitable } from '@kong-ts/pdk'

/** Turns a host into the addresses to try, best first; an empty list means that the name has none. */
export type Resolve = (host: string) => Awaitable<readonly string[]>

/** Milliseconds. The system's resolver tells no TTL, so an answer is asked for again after this time. */
const freshFor = 5_000
/** Names kept at most; the oldest goes first. */
const capacity = 10_000

interface Known {
  addresses: readonly string[]
  expires: number
  asking: Promise<readonly string[]> | undefined
  turn: number
}

/**
 * Resolves names with the system's resolver: one query in flight per name, the last good answer while a new one
 * fails, IPv4 before IPv6, and the addresses of a family in turn. Addresses and unix sockets answer at once.
 */
export function createResolver(
  ask: (host: string) => Promise<readonly string[]> = askSystem,
): Resolve {
  const names = new Map<string, Known>()
  const literals = new Map<string, readonly string[]>()
  return (host) => {
    const literal = literals.get(host)
    if (literal) return literal
    const fresh = literalOf(host)
    if (fresh) {
      if (literals.size < capacity) literals.set(host, fresh)
      return fresh
    }
    const known = names.get(host) ?? remember(names, host)
    if (known.expires > performance.now()) return inTurn(known)
    known.asking ??= refresh(known, ask(host))
    return known.addresses.length > 0 ? inTurn(known) : known.asking.then(() => inTurn(known))
  }
}

/** What needs no question: an address, in brackets or not, or the path of a unix socket. */
function literalOf(host: string): readonly string[] | undefined {
  if (host.startsWith('unix:')) return [host]
  const address = host.replace(/^\[(.*)\]$/, '$1')
  return isIP(address) === 0 ? undefined : [address]
}

function remember(names: Map<string, Known>, host: string): Known {
  const known: Known = { addresses: [], expires: 0, asking: undefined, turn: 0 }
  names.set(host, known)
  const oldest = names.keys().next()
  if (names.size > capacity && !oldest.done) names.delete(oldest.value)
  return known
}

async function refresh(
  known: Known,
  asking: Promise<readonly string[]>,
): Promise<readonly string[]> {
  try {
    known.addresses = await asking
  } catch {
    // The last good answer stays; without one the caller sees an empty list and ends with upstream.dns.failed.
  }
  known.expires = performance.now() + freshFor
  known.asking = undefined
  return known.addresses
}

async function askSystem(host: string): Promise<readonly string[]> {
  const found = await lookup(host, { all: true, order: 'ipv4first' })
  return found.map(({ address }) => address)
}

/** Rotates within the first family, so that its addresses share the load. */
function inTurn(known: Known): readonly string[] {
  const { addresses } = known
  const first = addresses[0]
  if (first === undefined || addresses.length === 1) return addresses
  const family = isIP(first)
  const others = addresses.findIndex((address) => isIP(address) !== family)
  const size = others === -1 ? addresses.length : others
  const start = known.turn++ % size
  return [...addresses.slice(start, size), ...addresses.slice(0, start), ...addresses.slice(size)]
}
