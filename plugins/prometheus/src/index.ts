import { definePlugin } from '@kong-ts/pdk'
import { countBandwidth } from './bandwidth.ts'
import { countLatencies } from './latencies.ts'
import { countStatuses } from './statuses.ts'

const off = { type: 'boolean', default: false } as const

/** Milliseconds between looks at the bytes of live connections. */
const lookEvery = 2_000

export default definePlugin({
  name: 'prometheus',
  version: '0.1.0',
  priority: 13,
  description: 'Counts sessions, durations and bytes for /metrics',
  schema: {
    type: 'object',
    properties: {
      per_consumer: {
        ...off,
        description: 'accepted as Kong has it; there are no consumers at layer 4',
      },
      status_code_metrics: {
        ...off,
        description: 'whether sessions are counted by how they ended',
      },
      ai_metrics: { ...off, description: 'accepted as Kong has it; there is no AI at layer 4' },
      latency_metrics: { ...off, description: 'whether durations are measured' },
      bandwidth_metrics: { ...off, description: 'whether bytes are counted' },
      upstream_health_metrics: {
        ...off,
        description: 'whether the health of the targets of all upstreams is shown',
      },
      wasm_metrics: { ...off, description: 'accepted as Kong has it; there is no Wasm' },
    },
  },
  setup({ config, metrics, signal }) {
    if (config.upstream_health_metrics) metrics.show('upstream_health')
    const bandwidth = config.bandwidth_metrics ? countBandwidth(metrics) : undefined
    if (bandwidth) {
      const looking = setInterval(() => bandwidth.look(), lookEvery).unref()
      signal.addEventListener('abort', () => clearInterval(looking))
    }
    return {
      statuses: config.status_code_metrics ? countStatuses(metrics) : undefined,
      latencies: config.latency_metrics ? countLatencies(metrics) : undefined,
      bandwidth,
    }
  },
  phases: {
    proxy: (conn, { state }) => state.bandwidth?.begin(conn),
    log(summary, { state: { statuses, latencies, bandwidth } }) {
      statuses?.(summary)
      latencies?.(summary)
      bandwidth?.end(summary)
    },
  },
})
