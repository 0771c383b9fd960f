/**
 * How a connection can end: `side.phase.cause`. The list is closed; the same words appear in the log line,
 * the metric label and the connection list. The number is Kong's stream status.
 * Plugin endings carry the plugin's name: see `pluginEnding`.
 */
export const endings = {
  'client.closed': [200, 'The client ended the session.'],
  'client.reset': [200, 'The client reset the connection.'],
  'client.proxy.untrusted': [403, 'Who connected is not among trusted_ips.'],
  'client.proxy.malformed': [400, 'The PROXY header is missing or not well formed.'],
  'client.proxy.timeout': [400, 'The PROXY header was not there before its deadline.'],
  'client.proxy.closed': [400, 'The client left before its PROXY header was there.'],
  'client.preread.closed': [400, 'The client left before it was routed.'],
  'client.preread.timeout': [400, 'The client said too little before the preread deadline.'],
  'client.preread.malformed': [400, 'The ClientHello is not well formed.'],
  'client.preread.too_large': [400, 'The ClientHello is larger than the preread buffer.'],
  'client.tls.handshake_failed': [400, 'The TLS handshake with the client failed.'],
  'client.tls.handshake_timeout': [400, 'The TLS handshake took too long.'],
  'client.tls.sni_mismatch': [400, 'The name in the handshake is not the one that was routed.'],
  'client.queue.closed': [400, 'The client left while it was kept waiting.'],
  'upstream.closed': [200, 'The upstream ended the session.'],
  'upstream.reset': [200, 'The upstream reset the connection.'],
  'upstream.dns.failed': [503, 'The name of the upstream has no address.'],
  'upstream.connect.refused': [502, 'The upstream refused the connection.'],
  'upstream.connect.timeout': [502, 'The upstream did not accept in time.'],
  'upstream.connect.unreachable': [502, 'There is no way to the upstream.'],
  'upstream.connect.failed': [502, 'The connection to the upstream failed.'],
  'upstream.tls.failed': [502, 'The TLS handshake with the upstream failed.'],
  'upstream.tls.unverified': [502, 'The certificate of the upstream did not verify.'],
  'upstream.targets.none': [503, 'The upstream has no target with an address and a weight.'],
  'upstream.targets.unhealthy': [503, 'No target of the upstream is healthy, or too few are.'],
  'upstream.max_connections': [503, 'The upstream or all its targets have max_connections.'],
  'upstream.queue.full': [503, 'The queue of the upstream is full.'],
  'upstream.queue.timeout': [503, 'No target had room within queue_timeout.'],
  'gateway.route.none': [500, 'No route matches.'],
  'gateway.service.none': [503, 'The route has no service.'],
  'gateway.target.none': [503, 'No target is left to try.'],
  'gateway.target.loop': [503, 'The target is a listener of the gateway itself.'],
  'gateway.target.unhealthy': [
    200,
    'The target turned unhealthy, and its upstream closes such connections.',
  ],
  'gateway.certificate.failed': [500, 'The certificate for the name cannot be used.'],
  'gateway.max_connections': [503, 'The gateway has reached max_connections.'],
  'gateway.idle_timeout': [200, 'No byte moved for the idle time of the service.'],
  'gateway.drain.deadline': [200, 'The gateway stopped before the session had ended.'],
  'gateway.error': [500, 'A fault of the gateway; please report it.'],
  'admin.killed': [200, 'An operator ended the session.'],
} as const satisfies Record<string, readonly [status: number, meaning: string]>

/** What a plugin can do to a connection; the ending is `plugin.NAME.cause`. */
export const pluginCauses = {
  rejected: [403, 'The plugin refused the connection.'],
  failed: [500, 'The plugin threw.'],
  timeout: [500, 'The plugin did not settle within plugin_timeout.'],
} as const satisfies Record<string, readonly [status: number, meaning: string]>

export type PluginCause = keyof typeof pluginCauses
export type Ending = keyof typeof endings | `plugin.${string}.${PluginCause}`

export function pluginEnding(plugin: string, cause: PluginCause): Ending {
  return `plugin.${plugin}.${cause}`
}

const statuses = new Map<string, number>(
  Object.entries({ ...endings, ...pluginCauses }).map(([word, [status]]) => [word, status]),
)

/** Kong's stream status of an ending. */
export function statusOf(ending: Ending): number {
  const cause = ending.slice(ending.lastIndexOf('.') + 1)
  return statuses.get(ending) ?? statuses.get(cause) ?? endings['gateway.error'][0]
}
