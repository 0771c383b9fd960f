import { isIPv6 } from 'node:net'
import type { TargetRow, Upstream } from '../entities/rows.ts'
import { readTargetAddress } from '../entities/target-address.ts'
import type { Answer, Located } from './names.ts'

/** What is known of an address; `HEALTHCHECKS_OFF` where nothing checks it, and it takes traffic. */
export type AddressState = 'HEALTHY' | 'UNHEALTHY' | 'HEALTHCHECKS_OFF'

/** What is known of a target; `DNS_ERROR` while its name has no address. */
export type TargetState = AddressState | 'DNS_ERROR'

export interface Weights {
  readonly total: number
  readonly available: number
  readonly unavailable: number
}

export interface AddressHealth {
  readonly ip: string
  readonly port: number
  readonly weight: number
  readonly health: AddressState
}

/** How a target does; `data` in the shape in which Kong serves it. */
export interface TargetHealth {
  readonly health: TargetState
  readonly data: {
    /** In brackets when it is an IPv6 address. */
    readonly host: string
    readonly port: number
    /** The type of the records that the name has, or why it has none. */
    readonly dns: string
    readonly nodeWeight: number
    readonly weight: Weights
    readonly addresses: readonly AddressHealth[]
  }
}

/** How an upstream does as a whole, in Kong's shape. */
export interface BalancerHealth {
  readonly id: string
  readonly health: AddressState
  readonly balancer_health: 'HEALTHY' | 'UNHEALTHY'
  readonly details: {
    readonly healthy: boolean
    readonly weight: Weights
    readonly hosts: readonly object[]
  }
}

export interface Marking {
  readonly upstream: Upstream
  readonly target: TargetRow
  /** `ip:port` of one address of the target; all of them where it is left out. */
  readonly address?: string | undefined
  readonly healthy: boolean
}

/** What the balancer tells of the health of targets, and is told. */
export interface UpstreamHealth {
  /** In the order of the targets, which belong to the upstream. */
  ofTargets(upstream: Upstream, targets: readonly TargetRow[]): Promise<readonly TargetHealth[]>
  /** @param targets all that the upstream has */
  ofUpstream(upstream: Upstream, targets: readonly TargetRow[]): Promise<BalancerHealth>
  /** Takes an operator's word for it. False when nothing checks this upstream: nobody would act on it. */
  mark(marking: Marking): Promise<boolean>
}

/** The weight and the port of a target that says neither. */
const [defaultWeight, defaultPort] = [100, 8000]

/** The host by which a target is resolved. */
export function hostOf({ target }: TargetRow): string {
  return readTargetAddress(target)?.host ?? target
}

/** How a target does that has these addresses, and that nothing checks. */
export function describeUnchecked(row: TargetRow, answer: Answer): TargetHealth {
  const { port = defaultPort } = readTargetAddress(row.target) ?? {}
  const weight = row.weight ?? defaultWeight
  const host = hostOf(row)
  const addresses = answer.addresses.map((located): AddressHealth => {
    return { ...placeOf(located, { port, weight }), health: 'HEALTHCHECKS_OFF' }
  })
  const total = addresses.reduce((sum, address) => sum + address.weight, 0)
  return {
    health: addresses.length === 0 ? 'DNS_ERROR' : 'HEALTHCHECKS_OFF',
    data: {
      host: isIPv6(host) ? `[${host}]` : host,
      port,
      dns: addresses.length === 0 ? (answer.error ?? 'no address') : answer.type,
      nodeWeight: weight,
      weight: { total, available: total, unavailable: 0 },
      addresses,
    },
  }
}

/** An SRV record brings its own port and weight; a target that is drained stays so. */
function placeOf(
  { ip, port, weight }: Located,
  target: { readonly port: number; readonly weight: number },
): Omit<AddressHealth, 'health'> {
  return {
    ip,
    port: port ?? target.port,
    weight: target.weight === 0 ? 0 : (weight ?? target.weight),
  }
}

/** How an upstream does that nothing checks: it takes traffic while its addresses have any weight. */
export function describeUpstream(
  { id, healthchecks }: Upstream,
  targets: readonly TargetHealth[],
): BalancerHealth {
  const weight = targets.map(({ data }) => data.weight).reduce(addWeights, nothing)
  const threshold = Number(healthchecks?.['threshold'] ?? 0)
  const healthy = weight.total > 0 && (weight.available / weight.total) * 100 > threshold
  return {
    id,
    health: 'HEALTHCHECKS_OFF',
    balancer_health: healthy ? 'HEALTHY' : 'UNHEALTHY',
    details: { healthy, weight, hosts: targets.map(describeHost) },
  }
}

const nothing: Weights = { total: 0, available: 0, unavailable: 0 }

function addWeights(a: Weights, b: Weights): Weights {
  return {
    total: a.total + b.total,
    available: a.available + b.available,
    unavailable: a.unavailable + b.unavailable,
  }
}

/** Here Kong says of an address whether it is chosen, not what it knows of it. */
function describeHost({ data }: TargetHealth): object {
  const addresses = data.addresses.map(({ ip, port, weight, health }) => {
    return { ip, port, weight, healthy: health !== 'UNHEALTHY' }
  })
  return { ...data, addresses }
}
