import { isIP, isIPv6 } from 'node:net'
import type { TargetRow } from '../entities/rows.ts'
import type { Answer, Located } from './names.ts'

/** One address of a target, and what is to be known of it. */
export interface Place {
  /** An address without brackets, or `unix:PATH`. */
  readonly ip: string
  readonly port: number
  /** Its share of the connections; 0: no new ones. */
  readonly weight: number
  /** What the target is called: its host as configured, or the name of an SRV record where that is wanted. */
  readonly host: string
  /** An IPv6 address of the same name and port, where `ip` is an IPv4 address. */
  readonly spare: string | undefined
  /** Absent where a service names a host and no upstream. */
  readonly target: TargetRow | undefined
}

/** What is looked for, and what holds where the records do not say otherwise. */
export interface Sought {
  readonly host: string
  readonly port: number
  readonly weight: number
  /** Whether the name of an SRV record is what a place is called. */
  readonly useSrvName: boolean
  readonly target?: TargetRow
}

/** By what a peer goes: `ip:port`, IPv6 in brackets; a unix socket goes by its path. */
export function peerKey(ip: string, port: number): string {
  if (ip.startsWith('unix:')) return ip
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`
}

/**
 * The places that an answer leads to. Those of a name and port are its IPv4 addresses, each with an IPv6 address to
 * spare where there is one; without an IPv4 address they are those of IPv6.
 */
export function placesOf(sought: Sought, { addresses }: Answer): readonly Place[] {
  const groups = new Map<string, Located[]>()
  for (const located of addresses) {
    const key = `${located.name ?? ''} ${located.port ?? 0}`
    const others = groups.get(key)
    if (others) others.push(located)
    else groups.set(key, [located])
  }
  return [...groups.values()].flatMap((group) => placesOfGroup(sought, group))
}

function placesOfGroup(sought: Sought, group: readonly Located[]): readonly Place[] {
  const ipv6 = group.filter(({ ip }) => isIPv6(ip))
  const others = ipv6.length < group.length ? group.filter(({ ip }) => !isIPv6(ip)) : ipv6
  const spares = others === ipv6 ? [] : ipv6
  return others.map((located, index) => {
    const spare = isIP(located.ip) === 0 ? undefined : spares[index % spares.length]
    return placeOf(sought, located, spare?.ip)
  })
}

function placeOf(
  { host, port, weight, useSrvName, target }: Sought,
  located: Located,
  spare: string | undefined,
): Place {
  return {
    ip: located.ip,
    port: located.ip.startsWith('unix:') ? 0 : located.port || port,
    // Whoever drains a target means all of its records.
    weight: weight === 0 ? 0 : (located.weight ?? weight),
    host: useSrvName ? (located.name ?? host) : host,
    spare,
    target,
  }
}
