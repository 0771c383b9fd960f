import { isIPv4 } from 'node:net'
import type { Balancing, Matched } from '../contexts.ts'
import { ipv6Between } from '../ip-number.ts'

/** The fields of a plugin whose limits hold per client, name or place; spread them among its `properties`. */
export const limitKeyFields = {
  limit_by: {
    enum: ['ip', 'sni', 'service', 'route', 'listener', 'client-certificate', 'slot'],
    default: 'ip',
    description:
      'whose connections are counted together; a client without the like counts by its address',
  },
  ipv4_prefix: {
    type: 'integer',
    minimum: 1,
    maximum: 32,
    default: 32,
    description: 'bits of an IPv4 address that tell clients apart',
  },
  ipv6_prefix: {
    type: 'integer',
    minimum: 1,
    maximum: 128,
    default: 64,
    description: 'bits of an IPv6 address that tell clients apart; a customer commonly owns 64',
  },
  slot: {
    type: 'string',
    minLength: 1,
    description: 'the name of the slot whose value tells clients apart, with limit_by=slot',
  },
} as const

/** The values of `limitKeyFields`. */
export interface LimitKeyConfig {
  readonly limit_by: (typeof limitKeyFields.limit_by.enum)[number]
  readonly ipv4_prefix: number
  readonly ipv6_prefix: number
  readonly slot?: string | undefined
}

/** For a plugin's `check`. @returns what is wrong with the fields, if anything is */
export function checkLimitKey({ limit_by, slot }: LimitKeyConfig): string | undefined {
  if ((limit_by === 'slot') === (slot !== undefined)) return undefined
  return limit_by === 'slot'
    ? 'config.slot is required with limit_by=slot'
    : 'config.slot is only used with limit_by=slot'
}

/**
 * The phase in which the key is known: facts of the client's certificate, and what plugins learn from them, come after
 * the handshake.
 */
export function limitPhase({ limit_by }: Pick<LimitKeyConfig, 'limit_by'>): 'preread' | 'balance' {
  return limit_by === 'client-certificate' || limit_by === 'slot' ? 'balance' : 'preread'
}

/** A connection as far as a limit looks at it: `Routed`, or `Balancing`. */
type Keyed = Matched & Partial<Pick<Balancing, 'tls'>>

/**
 * Under which key a connection counts; keys of different kinds never meet. Call it in the phase that `limitPhase`
 * names, where what it looks at is known.
 */
export function limitKey(conn: Keyed, config: LimitKeyConfig): string {
  const { limit_by: by } = config
  const value = by === 'ip' ? undefined : values[by](conn, config)
  return value === undefined ? `ip:${network(conn.client.address, config)}` : `${by}:${value}`
}

type Ask = (conn: Keyed, config: LimitKeyConfig) => string | undefined

const values: Record<Exclude<LimitKeyConfig['limit_by'], 'ip'>, Ask> = {
  sni: ({ hello }) => hello?.serverName,
  service: ({ service }) => service?.id,
  route: ({ route }) => route.id,
  listener: ({ listener: { address, port } }) => `${address}:${port}`,
  'client-certificate': ({ tls }) => verifiedFingerprint(tls),
  slot: (conn, { slot = '' }) => wording(conn.get({ name: slot })),
}

/** A certificate that nobody vouches for is a name that a client may choose at will. */
function verifiedFingerprint(tls: Balancing['tls']): string | undefined {
  const certificate = tls?.clientCertificate
  return certificate?.verified === true ? certificate.fingerprint : undefined
}

function wording(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** The network of an address; of a whole address that address, of anything else (a unix socket) its text. */
function network(address: string, { ipv4_prefix, ipv6_prefix }: LimitKeyConfig): string {
  const plain =
    address.startsWith('::ffff:') && isIPv4(address.slice(7)) ? address.slice(7) : address
  if (isIPv4(plain)) return ipv4_prefix === 32 ? plain : maskIpv4(plain, ipv4_prefix)
  const groups = ipv6_prefix === 128 ? undefined : ipv6Groups(plain)
  return groups === undefined ? plain : maskIpv6(groups, ipv6_prefix)
}

function maskIpv4(address: string, bits: number): string {
  return `${keepBits(address.split('.').map(Number), 8, bits).join('.')}/${bits}`
}

function maskIpv6(groups: readonly number[], bits: number): string {
  const kept = keepBits(groups, 16, bits).slice(0, Math.ceil(bits / 16))
  return `${kept.map((group) => group.toString(16)).join(':')}/${bits}`
}

/** @param parts of an address, from the left, each `width` bits wide */
function keepBits(parts: readonly number[], width: number, bits: number): readonly number[] {
  return parts.map((part, index) => {
    const dropped = width - Math.min(Math.max(bits - index * width, 0), width)
    return (part >> dropped) << dropped
  })
}

/** The eight groups of an IPv6 address; undefined for anything else. */
function ipv6Groups(address: string): readonly number[] | undefined {
  // A zone names an interface of this machine and is no part of the address.
  const zone = address.indexOf('%')
  const words = ipv6Between(address, 0, zone < 0 ? address.length : zone)
  return words && [...words].flatMap((word) => [word >>> 16, word & 0xffff])
}
