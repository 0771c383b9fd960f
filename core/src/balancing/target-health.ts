import { isIPv6 } from 'node:net'
import type { TargetRow, Upstream } from '../entities/rows.ts'
import { thresholdOf } from './health-options.ts'
import type { Answer } from './names.ts'
import { hostOf, portOf, weightOf, type TargetAddress } from './target-addresses.ts'

/** What is known of an address; `HEALTHCHECKS_OFF` where nothing checks it, and it takes traffic. */
export type AddressState = 'HEALTHY' | 'UNHEALTHY' | 'HEALTHCHECKS_OFF'

/** What is known of a target; `DNS_ERROR` while its name has no address. */
export type TargetState = AddressState | 'DNS_ERROR'

export interface Weights {
  readonly total: number
  readonly available: number
  readonly unavailable: number
}

/** What is known of an address, and whether it is what an operator says. */
export interface AddressReport {
  readonly health: AddressState
  readonly manual: boolean
}

export interface AddressHealth {
  readonly ip: string
  readonly port: number
  readonly weight: number
  readonly health: AddressState
  /** Beyond Kong: an operator said so, and it holds whatever checks find. */
  readonly manual?: true
}

/** How a target does; `data` in the shape in which Kong serves it. */
export interface TargetHealth {
  readonly health: TargetState
  /** Beyond Kong: of one of its addresses at least. */
  readonly manual?: true
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
  /** Undefined takes back what was said, so that the checks decide. */
  readonly healthy: boolean | undefined
  /** Whose word it is. */
  readonly author?: string
}

/**
 * What came of an operator's word: it is kept and followed; nothing checks the upstream, so that nobody would act on
 * it; the target has no such address; or the target is gone.
 */
export type Marked = 'marked' | 'unchecked' | 'unknown' | 'gone'

/** What the balancer tells of the health of targets, and is told. */
export interface UpstreamHealth {
  /** In the order of the targets, which belong to the upstream. */
  ofTargets(upstream: Upstream, targets: readonly TargetRow[]): Promise<readonly TargetHealth[]>
  /** @param targets all that the upstream has */
  ofUpstream(upstream: Upstream, targets: readonly TargetRow[]): Promise<BalancerHealth>
  /** Takes an operator's word for it. @throws EntityError when it cannot be kept; then it is not followed either */
  mark(marking: Marking): Promise<Marked>
}

/** @param ask what is known of an address */
export function describeTarget(
  row: TargetRow,
  { type, error = 'the name was not resolved' }: Answer,
  addresses: readonly TargetAddress[],
  ask: (address: TargetAddress) => AddressReport,
): TargetHealth {
  const known = addresses.map((address): AddressHealth => {
    const { ip, port, weight } = address
    const { health, manual } = ask(address)
    return { ip, port, weight, health, ...(manual && { manual }) }
  })
  const host = hostOf(row)
  return {
    health: overall(known),
    ...(known.some(({ manual }) => manual) && { manual: true }),
    data: {
      host: isIPv6(host) ? `[${host}]` : host,
      port: portOf(row),
      dns: known.length === 0 ? error : type,
      nodeWeight: weightOf(row),
      weight: weigh(known),
      addresses: known,
    },
  }
}

/** How an upstream does: it takes traffic while more of its weight than its threshold is available. */
export function describeUpstream(
  upstream: Upstream,
  targets: readonly TargetHealth[],
  isChecked: boolean,
): BalancerHealth {
  const weight = targets.map(({ data }) => data.weight).reduce(addWeights, nothing)
  const share = weight.total === 0 ? 0 : (weight.available / weight.total) * 100
  const healthy = share > thresholdOf(upstream)
  const word = healthy ? 'HEALTHY' : 'UNHEALTHY'
  return {
    id: upstream.id,
    health: isChecked ? word : 'HEALTHCHECKS_OFF',
    balancer_health: word,
    details: { healthy, weight, hosts: targets.map(describeHost) },
  }
}

/** One address that is well is enough. */
function overall(addresses: readonly AddressHealth[]): TargetState {
  const states = new Set(addresses.map(({ health }) => health))
  const order = ['HEALTHY', 'UNHEALTHY', 'HEALTHCHECKS_OFF'] as const
  return order.find((state) => states.has(state)) ?? 'DNS_ERROR'
}

function weigh(addresses: readonly AddressHealth[]): Weights {
  return addresses
    .map(({ health, weight }) => {
      const unavailable = health === 'UNHEALTHY' ? weight : 0
      return { total: weight, available: weight - unavailable, unavailable }
    })
    .reduce(addWeights, nothing)
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
