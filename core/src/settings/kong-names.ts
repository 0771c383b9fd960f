/**
 * Settings of Kong's that mean nothing here: a kong.conf written for Kong is accepted, with a warning for each.
 * The text after a name says what to do instead, where there is something.
 */
const names: Readonly<Record<string, string>> = {
  proxy_listen: 'HTTP is not served; see stream_listen',
  admin_gui_listen: '',
  cluster_listen: '',
  port_maps: '',
  vaults: '',
  router_flavor: '',
  worker_consistency: 'changes are followed at once',
  worker_state_update_frequency: 'changes are followed at once',
  mem_cache_size: '',
  real_ip_header: '',
  real_ip_recursive: '',
  anonymous_reports: 'nothing is reported',
  node_id: '',
  role: '',
  headers: '',
  error_default_type: '',
  allow_debug_header: '',
  password: '',
  log_format: '',
  admin_error_log: 'see error_log',
  status_access_log: '',
  status_error_log: 'see error_log',
  stream_proxy_ssl_enabled: '',
  ssl_prefer_server_ciphers: '',
  ssl_dhparam: '',
  ssl_session_cache_size: '',
  new_dns_client: 'there is one client',
  dns_no_sync: 'there is one query under way per name',
  resolver_mem_cache_size: 'see dns_cache_size',
  request_debug: '',
  request_debug_token: '',
  dedicated_config_processing: '',
  dedicated_config_processor: '',
  upstream_keepalive_pool_size: '',
  upstream_keepalive_max_requests: '',
  upstream_keepalive_idle_timeout: '',
  proxy_server: '',
  proxy_server_ssl_verify: '',
}

/** The same, for whole families of settings. */
const families: readonly (readonly [prefix: string, hint: string])[] = [
  ['nginx_', 'there is no nginx to put a directive into'],
  ['lua_', 'there is no Lua'],
  ['untrusted_lua', 'there is no Lua'],
  ['pg_', 'writes to PostgreSQL take turns'],
  ['db_', 'changes are followed at once'],
  ['lmdb_', ''],
  ['cluster_', ''],
  ['tracing_', ''],
  ['admin_gui_', ''],
  ['vault_', ''],
  ['wasm', ''],
  ['portal', ''],
  ['opentelemetry_', ''],
  ['worker_events_', ''],
]

/** The warning for a setting that only Kong has; nothing when Kong has none of that name either. */
export function ignoredBecauseOfKong(name: string): string | undefined {
  const hint = Object.hasOwn(names, name)
    ? names[name]
    : families.find(([prefix]) => name.startsWith(prefix))?.[1]
  if (hint === undefined) return undefined
  const because = hint === '' ? '' : ` (${hint})`
  return `${name} is a setting of Kong's that means nothing here; it is ignored${because}`
}
