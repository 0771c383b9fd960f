import type { ClientCertificate, Endpoint, Summary, TlsFacts, Try } from './contexts.ts'

/** What serializing needs to know of a connection. */
export type Serializable = Omit<Summary, 'serialize' | 'set' | 'get'>

/** Kong without its Enterprise edition has one workspace, and its id is not ours to vary. */
const workspace = { workspace: '0dc6f45b-8f8d-40d2-a504-473544ee190b', workspace_name: 'default' }

/**
 * A finished connection in the shape of Kong's stream log, and beyond it `ending`, `reason`, `protocol`, `sni`,
 * `client_port` and `revision`. What is not known is left out, as in Kong.
 */
export function serialize(summary: Serializable): Record<string, unknown> {
  const { bytes, client, latencies, listener, tls, route, service } = summary
  return withoutUndefined({
    session: withoutUndefined({
      tls: tls && serializeTls(tls),
      received: bytes.client.received,
      sent: bytes.client.sent,
      status: summary.status,
      server_port: portOf(listener),
    }),
    upstream: { received: bytes.upstream.received, sent: bytes.upstream.sent },
    latencies: { kong: Math.round(latencies.kong), session: Math.round(latencies.session) },
    tries: service && summary.tries.map(serializeTry),
    route,
    service,
    client_ip: client.address,
    client_port: portOf(client),
    started_at: Math.round(summary.startedAt),
    ...workspace,
    ending: summary.ending,
    would_reject: summary.wouldReject,
    reason: summary.reason,
    protocol: summary.protocol,
    sni: summary.hello?.serverName,
    revision: summary.revision,
  })
}

/** A unix socket has no port. */
function portOf({ port }: Endpoint): number | undefined {
  return port === 0 ? undefined : port
}

function serializeTls({ version, cipher, clientCertificate }: TlsFacts): Record<string, string> {
  return { version, cipher, client_verify: verification(clientCertificate) }
}

/** nginx's words for the outcome of a client certificate. */
function verification(certificate: ClientCertificate | undefined): string {
  if (certificate === undefined) return 'NONE'
  if (certificate.verified) return 'SUCCESS'
  return certificate.failure === undefined ? 'FAILED' : `FAILED:${certificate.failure}`
}

function serializeTry({
  host,
  ip,
  port,
  startedAt,
  duration,
  failure,
}: Try): Record<string, unknown> {
  return {
    balancer_start: Math.floor(startedAt),
    balancer_start_ns: Math.round(startedAt * 1e6),
    ip: ip ?? host,
    port,
    balancer_latency: Math.round(duration),
    balancer_latency_ns: Math.round(duration * 1e6),
    ...(failure === undefined ? {} : { state: 'failed', code: 502, reason: failure }),
  }
}

function withoutUndefined(fields: Record<string, unknown>): Record<string, unknown> {
  const known: Record<string, unknown> = {}
  for (const name of Object.keys(fields)) {
    if (fields[name] !== undefined) known[name] = fields[name]
  }
  return known
}
