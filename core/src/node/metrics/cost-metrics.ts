import { phaseNames } from '@kong-ts/pdk'
import { mostSeries } from '@kong-ts/pdk/host'
import { timeBounds } from '../../plugins/conduct.ts'
import { histogramValues, type ShownMetric, type ShownValue } from './exposition.ts'
import { ownMetrics, type OwnName } from './own-metrics.ts'
import type { PluginCost } from './plugin-costs.ts'

type Cost = PluginCost & { readonly id: string }

/** What is shown of each row of a plugin. */
const rowMetrics: readonly (readonly [OwnName, (cost: Cost) => number])[] = [
  ['kong_plugin_rejected_total', ({ rejected }) => rejected],
  ['kong_plugin_would_reject_total', ({ wouldReject }) => wouldReject],
  ['kong_plugin_failed_total', ({ failed }) => failed],
  ['kong_plugin_stalls_total', ({ stalls }) => stalls],
  ['kong_plugin_longest_stall_ms', ({ longestStall }) => longestStall],
  ['kong_plugin_disabled', ({ isDisabled }) => Number(isDisabled)],
]

/**
 * What plugins cost, and what they did.
 * @param drop told how many series of a metric there is no room for
 */
export function costMetrics(
  costs: readonly Cost[],
  drop: (metric: OwnName, count: number) => void,
  limit = mostSeries,
): readonly ShownMetric[] {
  const durations = costs.flatMap(phasesOf)
  const name = 'kong_plugin_phase_duration_ms'
  const show = (metric: OwnName, values: readonly ShownValue[], all: number): ShownMetric => {
    if (all > limit) drop(metric, all - limit)
    return { name: metric, ...ownMetrics[metric], aggregator: 'sum', values }
  }
  const rows = costs.slice(0, limit)
  return [
    show(name, durations.slice(0, limit).flat(), durations.length),
    ...rowMetrics.map(([metric, valueOf]) => {
      const values = rows.map((cost) => ({ labels: labelsOf(cost), value: valueOf(cost) }))
      return show(metric, values, costs.length)
    }),
  ]
}

function labelsOf({ plugin, id }: Cost): Readonly<Record<string, string>> {
  return { plugin, id }
}

/** The lines of each phase that was called. */
function phasesOf(cost: Cost): readonly (readonly ShownValue[])[] {
  return phaseNames.flatMap((phase) => {
    const stats = cost.phases[phase]
    if (!stats) return []
    const { buckets: counts, time: sum } = stats
    const labels = { ...labelsOf(cost), phase }
    return [
      histogramValues('kong_plugin_phase_duration_ms', labels, { bounds: timeBounds, counts, sum }),
    ]
  })
}
