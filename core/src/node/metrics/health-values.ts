import type { TargetHealth, UpstreamHealth } from '../../balancing/target-health.ts'
import type { EntitySet } from '../../entities/entity-set.ts'
import type { ShownValue } from './exposition.ts'

const states = ['healthchecks_off', 'healthy', 'unhealthy', 'dns_error'] as const

/** How every address of every target does, in Kong's shape: a value for each state, 1 for the present one. */
export async function healthValues(
  entities: EntitySet,
  health: Pick<UpstreamHealth, 'ofTargets'>,
): Promise<readonly ShownValue[]> {
  const { rows } = entities.list('upstreams', { size: Infinity })
  const values = await Promise.all(
    rows.map(async (upstream) => {
      const targets = entities.children('targets', 'upstream', upstream.id)
      const found = await health.ofTargets(upstream, targets)
      return targets.flatMap(({ target }, at) => valuesOf(upstream.name, target, found[at]))
    }),
  )
  return values.flat()
}

function valuesOf(
  upstream: string,
  target: string,
  health: TargetHealth | undefined,
): readonly ShownValue[] {
  const addresses = health?.data.addresses ?? []
  if (addresses.length === 0) return valuesOfAddress({ upstream, target, address: '' }, 'dns_error')
  return addresses.flatMap(({ ip, port, health: state }) =>
    valuesOfAddress({ upstream, target, address: `${ip}:${port}` }, state.toLowerCase()),
  )
}

function valuesOfAddress(
  labels: Readonly<Record<'upstream' | 'target' | 'address', string>>,
  current: string,
): readonly ShownValue[] {
  return states.map((state) => ({
    labels: { ...labels, state, subsystem: 'stream' },
    value: Number(state === current),
  }))
}
