import type { TargetRow } from '../entities/rows.ts'
import type { ResolveLimits } from './resolve-all.ts'
import { resolveAll } from './resolve-all.ts'
import type { Resolve } from './resolver.ts'
import type { TargetHealth, UpstreamHealth } from './target-health.ts'
import { describeUnchecked, describeUpstream, hostOf } from './target-health.ts'

/** The system's resolver works on four threads that the whole process shares. */
const patience: ResolveLimits = { together: 16, each: 2000, total: 5000 }

/** The health of upstreams that nothing checks: whether their targets have addresses is all there is to know. */
export function createUncheckedHealth(
  resolve: Resolve,
  limits: ResolveLimits = patience,
): UpstreamHealth {
  const ofTargets = async (targets: readonly TargetRow[]): Promise<readonly TargetHealth[]> => {
    const addresses = await resolveAll(resolve, targets.map(hostOf), limits)
    return targets.map((row) => describeUnchecked(row, addresses.get(hostOf(row)) ?? []))
  }
  return {
    ofTargets: (_upstream, targets) => ofTargets(targets),
    ofUpstream: async (upstream, targets) => describeUpstream(upstream, await ofTargets(targets)),
    mark: async () => false,
  }
}
