import type { TargetRow } from '../entities/rows.ts'
import type { Names } from './names.ts'
import type { ResolveLimits } from './resolve-all.ts'
import { resolveAll, unresolved } from './resolve-all.ts'
import type { TargetHealth, UpstreamHealth } from './target-health.ts'
import { describeUnchecked, describeUpstream, hostOf } from './target-health.ts'

/** An answer about health is not to wait for long, and is not to ask for all names at once. */
const patience: ResolveLimits = { together: 16, each: 2000, total: 5000 }

/** The health of upstreams that nothing checks: whether their targets have addresses is all there is to know. */
export function createUncheckedHealth(
  names: Names,
  limits: ResolveLimits = patience,
): UpstreamHealth {
  const ofTargets = async (targets: readonly TargetRow[]): Promise<readonly TargetHealth[]> => {
    const answers = await resolveAll(names, targets.map(hostOf), limits)
    return targets.map((row) => describeUnchecked(row, answers.get(hostOf(row)) ?? unresolved))
  }
  return {
    ofTargets: (_upstream, targets) => ofTargets(targets),
    ofUpstream: async (upstream, targets) => describeUpstream(upstream, await ofTargets(targets)),
    mark: async () => false,
  }
}
