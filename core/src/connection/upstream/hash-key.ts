import { hashText } from '../../balancing/hash.ts'
import type { Upstream } from '../../entities/rows.ts'
import { parseAddress, type Groups } from '../../routing/address.ts'
import type { Seen } from '../client/seen.ts'

/** Of what a connection is hashed on. */
type Facts = Pick<Seen, 'client' | 'hello' | 'get'>

/** The bits of an address that count with `subnet`, where an upstream does not say how many. */
const [defaultIpv4, defaultIpv6] = [24, 56]

/**
 * What a connection is hashed on, as 32 bits: by `hash_on` of the upstream or else by its `hash_fallback`. Undefined
 * when it has neither; what only HTTP has is never there.
 */
export function hashKey(upstream: Upstream, facts: Facts): number | undefined {
  const { hash_on: on, hash_fallback: fallback } = upstream
  const value = valueOf(on, upstream, facts) ?? valueOf(fallback, upstream, facts)
  return value === undefined ? undefined : hashText(value)
}

type Read = (facts: Facts, upstream: Upstream) => string | undefined

const sources: Readonly<Record<string, Read>> = {
  ip: ({ client }) => subnetOf(client.address, 32, 128),
  subnet: ({ client }, { hash_on_ipv4_prefix: ipv4, hash_on_ipv6_prefix: ipv6 }) =>
    subnetOf(client.address, ipv4 ?? defaultIpv4, ipv6 ?? defaultIpv6),
  sni: ({ hello }) => hello?.serverName,
  slot: (facts, { hash_on_slot: name = '' }) => textOf(facts.get({ name })),
}

function valueOf(source: string | null, upstream: Upstream, facts: Facts): string | undefined {
  return sources[source ?? 'none']?.(facts, upstream)
}

/** The network of an address; an IPv4 address is the same one in whichever form it is seen. */
function subnetOf(text: string, ipv4: number, ipv6: number): string | undefined {
  const address = parseAddress(text)
  if (!address) return undefined
  if (address.family === 4) return `${Math.floor(address.value / 2 ** (32 - ipv4))}/${ipv4}`
  return `${maskGroups(address.groups, ipv6).join(':')}/${ipv6}`
}

function maskGroups(groups: Groups, prefix: number): readonly number[] {
  return groups.map((group, index) => {
    const bits = Math.min(16, Math.max(0, prefix - index * 16))
    return group & ~(0xffff >>> bits)
  })
}

/** What has one text: a slot with anything else in it is empty here. */
function textOf(value: unknown): string | undefined {
  switch (typeof value) {
    case 'string':
    case 'number':
    case 'boolean':
    case 'bigint':
      return String(value)
    default:
      return undefined
  }
}
