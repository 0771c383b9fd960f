import type { UpstreamHealth } from '../../balancing/target-health.ts'
import { describeHealth } from '../description/describe-node.ts'
import { countTimers } from '../description/describe-timers.ts'
import type { Node } from '../node.ts'
import type { StoreProbe } from '../store-probe.ts'
import { wordMetrics, type MetricsText, type ShownMetric, type ShownValue } from './exposition.ts'
import { ownMetrics, type OwnName } from './own-metrics.ts'
import { costMetrics } from './cost-metrics.ts'
import { healthValues } from './health-values.ts'
import type { PluginCost } from './plugin-costs.ts'

export interface PageParts {
  readonly node: Pick<
    Node,
    'traffic' | 'heaps' | 'database' | 'behind' | 'entities' | 'figures'
  > & {
    readonly id: string
  }
  readonly probe: Pick<StoreProbe, 'reachable'>
  readonly health: Pick<UpstreamHealth, 'ofTargets'>
  /** Of the gateway. */
  readonly version: string
}

/** Everything that can be counted at this node: its own figures, and what its plugins have counted. */
export class MetricsPage {
  readonly #parts: PageParts

  constructor(parts: PageParts) {
    this.#parts = parts
  }

  /** @param isOpen in the format of OpenMetrics, else in the plain one */
  async word(isOpen: boolean): Promise<MetricsText> {
    const { node } = this.#parts
    const { figures, entities } = node
    await figures.freshen()
    const costs = figures.costs.all().filter(({ id }) => entities.get('plugins', id))
    const measured = costMetrics(costs, (name, count) => figures.tally.drop(name, count))
    const dropped = [...figures.tally.dropped].map(([metric, value]) => ({
      labels: { metric },
      value,
    }))
    const metrics = [
      ...(await this.#ofNode()),
      ...measured,
      showOwn('kong_metrics_dropped_total', dropped),
      ...figures.tally.shown(),
    ]
    return wordMetrics(metrics, isOpen)
  }

  /** What a plugin of the configuration did in all workers. */
  async costOf(id: string, plugin: string): Promise<PluginCost> {
    const { figures } = this.#parts.node
    await figures.freshen()
    return figures.costs.of(id, plugin)
  }

  async #ofNode(): Promise<readonly ShownMetric[]> {
    const { node, probe, version, health } = this.#parts
    const { id: node_id, figures, entities } = node
    const { server, database, memory } = await describeHealth(node, probe)
    const { running, pending } = countTimers()
    const subsystem = 'stream'
    const connections = Object.entries(connectionStates).map(([state, count]) => ({
      labels: { node_id, subsystem, state },
      value: server[count],
    }))
    const heaps = memory.heaps.map(({ pid, heap }) => ({
      labels: { node_id, pid: String(pid), kong_subsystem: subsystem },
      value: heap,
    }))
    // With one worker the supervisor's process is the worker's, too.
    const residents = new Map([
      [process.pid, memory.resident_bytes],
      ...memory.heaps.map(({ pid, resident }) => [pid, resident] as const),
    ])
    return [
      showOwn('kong_node_info', one(1, { node_id, version })),
      showOwn('kong_nginx_connections_total', connections),
      showOwn('kong_nginx_requests_total', one(server.total_requests, { node_id, subsystem })),
      showOwn('kong_nginx_timers', [
        ...one(running, { state: 'running' }),
        ...one(pending, { state: 'pending' }),
      ]),
      showOwn('kong_datastore_reachable', one(Number(database.reachable))),
      showOwn('kong_configuration_revision', one(entities.revision, { node_id })),
      showOwn('kong_configuration_behind', one(Number(node.behind !== undefined), { node_id })),
      showOwn('kong_memory_workers_lua_vms_bytes', heaps),
      showOwn(
        'kong_memory_resident_bytes',
        [...residents].flatMap(([pid, bytes]) => one(bytes, { node_id, pid: String(pid) })),
      ),
      ...(figures.tally.isShown('upstream_health')
        ? [showOwn('kong_upstream_target_health', await healthValues(entities, health))]
        : []),
    ]
  }
}

/** Kong's states of connections, and where they stand in the status. */
const connectionStates = {
  accepted: 'connections_accepted',
  handled: 'connections_handled',
  total: 'total_requests',
  active: 'connections_active',
  reading: 'connections_reading',
  writing: 'connections_writing',
  waiting: 'connections_waiting',
} as const

function one(value: number, labels: ShownValue['labels'] = {}): readonly ShownValue[] {
  return [{ labels, value }]
}

/** A metric of the gateway with its values. */
function showOwn(name: OwnName, values: readonly ShownValue[]): ShownMetric {
  const { type, help } = ownMetrics[name]
  return { name, type, help, aggregator: 'sum', values }
}
