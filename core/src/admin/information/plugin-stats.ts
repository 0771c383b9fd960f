import { phaseNames } from '@kong-ts/pdk'
import type { PluginCost } from '../../node/metrics/plugin-costs.ts'
import { timeBounds, type PhaseStats } from '../../plugins/conduct.ts'
import type { Answer, Call, Endpoint } from '../endpoint.ts'
import { recordOf } from '../openapi/schema.ts'
import { locateOrFail, notFound } from '../rows/locate.ts'

const count = { type: 'integer', minimum: 0 }
const milliseconds = { type: 'number', minimum: 0 }

const phaseSchema = recordOf({
  calls: count,
  total_ms: { ...milliseconds, description: 'Of all calls together, waiting included.' },
  buckets: {
    type: 'array',
    items: recordOf({ le: { type: 'string', description: 'Milliseconds, or `+Inf`.' }, count }),
    description: 'How many calls took at most so long.',
  },
})

const statsSchema = recordOf({
  id: { type: 'string', format: 'uuid' },
  name: { type: 'string' },
  phases: {
    type: 'object',
    properties: Object.fromEntries(phaseNames.map((phase) => [phase, phaseSchema])),
    description: 'The phases that were called.',
  },
  rejected: count,
  would_reject: { ...count, description: 'In shadow mode: refusals without effect.' },
  failed: count,
  stalls: { ...count, description: 'Times that it held up every connection of a worker.' },
  longest_stall_ms: milliseconds,
  disabled: { type: 'boolean', description: 'After a failure it takes no further part.' },
})

/** `/plugins/{plugins}/stats`: what a plugin of the configuration did and cost. */
export const pluginStatsEndpoint: Endpoint = {
  path: '/plugins/:item/stats',
  handlers: { GET: showStats },
  about: {
    methods: {
      GET: {
        summary: 'What a plugin did on this node since it started, and what that cost',
        answers: { 200: statsSchema },
      },
    },
  },
}

/** @throws HttpError 404 */
async function showStats({ deps, params: { item = '' } }: Call): Promise<Answer> {
  const set = deps.entities()
  const row = set.get('plugins', locateOrFail(set, 'plugins', item).id)
  if (row === undefined) throw notFound('plugins', item)
  const cost = await deps.metrics.costOf(row.id, row.name)
  return { status: 200, body: { id: row.id, name: row.name, ...wordCost(cost) } }
}

function wordCost(cost: PluginCost): Record<string, unknown> {
  const phases = phaseNames.flatMap((phase) => {
    const stats = cost.phases[phase]
    return stats ? [[phase, wordPhase(stats)] as const] : []
  })
  return {
    phases: Object.fromEntries(phases),
    rejected: cost.rejected,
    would_reject: cost.wouldReject,
    failed: cost.failed,
    stalls: cost.stalls,
    longest_stall_ms: cost.longestStall,
    disabled: cost.isDisabled,
  }
}

/** As histograms are shown: each bucket with all below it. */
function wordPhase({ calls, time, buckets: counts }: PhaseStats): Record<string, unknown> {
  let sum = 0
  const buckets = [...timeBounds.map(String), '+Inf'].map((bound, at) => {
    sum += counts[at] ?? 0
    return { le: bound, count: sum }
  })
  return { calls, total_ms: time, buckets }
}
