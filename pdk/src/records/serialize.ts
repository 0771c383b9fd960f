import type { ClientCertificate, Endpoint, Summary, TlsFacts, Try } from '../contexts.ts'

/** What serializing needs to know of a connection. */
export type Serializable = Omit<Summary, 'serialize' | 'set' | 'get'>

/** Every key that a record can have at its top. */
export const recordKeys = [
  'session',
  'upstream',
  'latencies',
  'client_ip',
  'started_at',
  'workspace',
  'workspace_name',
  'ending',
  'revision',
  'tries',
  'route',
  'service',
  'client_port',
  'peer_ip',
  'would_reject',
  'reason',
  'protocol',
  'sni',
  'ja4',
] as const

/** Kong without its Enterprise edition has one workspace, and its id is not ours to vary. */
const workspace = '0dc6f45b-8f8d-40d2-a504-473544ee190b'

/**
 * A finished connection in the shape of Kong's stream log, and beyond it `ending`, `reason`, `protocol`, `sni`, `ja4`,
 * `client_port`, `revision`, the latency `queue`, and `peer_ip` where a PROXY header named the client. What is not known
 * is left out, as in Kong.
 */
export function serialize(summary: Serializable): Record<string, unknown> {
  const { bytes, client, latencies, route, service } = summary
  const record: Record<string, unknown> = {
    session: serializeSession(summary),
    upstream: { received: bytes.upstream.received, sent: bytes.upstream.sent },
    latencies: serializeLatencies(latencies),
    client_ip: client.address,
    started_at: Math.round(summary.startedAt),
    workspace,
    workspace_name: 'default',
    ending: summary.ending,
    revision: summary.revision,
  }
  add(record, 'tries', service && summary.tries.map(serializeTry))
  add(record, 'route', route)
  add(record, 'service', service)
  add(record, 'client_port', portOf(client))
  add(record, 'peer_ip', summary.proxy?.peer.address)
  add(record, 'would_reject', summary.wouldReject)
  add(record, 'reason', summary.reason)
  add(record, 'protocol', summary.protocol)
  add(record, 'sni', summary.hello?.serverName)
  add(record, 'ja4', summary.hello?.ja4)
  return record
}

function serializeSession({ bytes, status, tls, listener }: Serializable): Record<string, unknown> {
  const session: Record<string, unknown> = {
    received: bytes.client.received,
    sent: bytes.client.sent,
    status,
  }
  add(session, 'tls', tls && serializeTls(tls))
  add(session, 'server_port', portOf(listener))
  return session
}

function serializeLatencies({ kong, session, queue }: Serializable['latencies']) {
  const latencies: Record<string, unknown> = {
    kong: Math.round(kong),
    session: Math.round(session),
  }
  add(latencies, 'queue', queue && Math.round(queue))
  return latencies
}

function add(record: Record<string, unknown>, name: string, value: unknown): void {
  if (value !== undefined) record[name] = value
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
