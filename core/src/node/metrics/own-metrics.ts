/** A metric of the gateway itself; its values are found out when somebody looks. */
export interface OwnMetric {
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly help: string
}

const gauge = (help: string): OwnMetric => ({ type: 'gauge', help })
const counter = (help: string): OwnMetric => ({ type: 'counter', help })

/** What the gateway shows of itself; where Kong has a name for a thing, it is that name, with Kong's labels. */
export const ownMetrics = {
  kong_node_info: gauge('What the node is; always 1'),
  kong_nginx_connections_total: gauge('Number of connections by subsystem and state'),
  kong_nginx_requests_total: gauge('Number of sessions since the start, by subsystem'),
  kong_nginx_timers: gauge('Number of timers of the supervisor'),
  kong_datastore_reachable: gauge('Whether the datastore answers: 0 is unreachable'),
  kong_configuration_revision: gauge('The revision of the configuration that is served'),
  kong_configuration_behind: gauge(
    'Whether the stored configuration is another one than is served',
  ),
  kong_memory_workers_lua_vms_bytes: gauge('Bytes of JavaScript objects in each worker'),
  kong_memory_resident_bytes: gauge('Bytes of memory of each process of the node'),
  kong_upstream_target_health: gauge(
    'Health of the targets of upstreams: healthchecks_off, healthy, unhealthy or dns_error; 1 is the current state',
  ),
  kong_plugin_phase_duration_ms: {
    type: 'histogram',
    help: 'Milliseconds from the call of a phase of a plugin to its answer',
  },
  kong_plugin_rejected_total: counter('Connections that a plugin has refused'),
  kong_plugin_would_reject_total: counter('Refusals of a plugin in shadow mode, without effect'),
  kong_plugin_failed_total: counter('Failures of the phases of a plugin'),
  kong_plugin_stalls_total: counter('Times that a plugin held up every connection of a worker'),
  kong_plugin_longest_stall_ms: gauge('Milliseconds of the longest time that it did'),
  kong_plugin_disabled: gauge('Whether a plugin takes no further part after a failure'),
  kong_metrics_dropped_total: counter('What was not counted because a metric has too many series'),
} as const satisfies Record<string, OwnMetric>

export type OwnName = keyof typeof ownMetrics

/** No plugin may take one of them. */
export const ownNames: ReadonlySet<string> = new Set(
  Object.entries<OwnMetric>(ownMetrics).flatMap(([name, { type }]) =>
    type === 'histogram' ? [name, `${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
  ),
)
