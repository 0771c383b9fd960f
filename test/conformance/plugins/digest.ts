import { slot, type Summary } from '@kong-ts/pdk'

/** What the plugins of the table leave on a connection. */
export const note = slot<string>('conformance-note')

export type Digest = ReturnType<typeof digest>

/** Of what the phase `log` is given: everything but times, ids and ports, which differ from run to run. */
export function digest(summary: Summary) {
  const { hello, tls, target, route, service } = summary
  return {
    ending: summary.ending,
    status: summary.status,
    reason: summary.reason,
    protocol: summary.protocol,
    hello: hello && { sni: hello.serverName, alpn: hello.alpn, ja4: hello.ja4, ja3: hello.ja3 },
    tls: tls && {
      version: tls.version,
      cipher: tls.cipher,
      alpn: tls.alpn,
      client: tls.clientCertificate && {
        verified: tls.clientCertificate.verified,
        failure: tls.clientCertificate.failure,
        subject: tls.clientCertificate.subject,
        names: tls.clientCertificate.names,
      },
    },
    target: target && `${target.host}:${target.port}`,
    tries: summary.tries.map(({ host, port, failure }) => ({ host, port, failure })),
    bytes: summary.bytes,
    known: { route: route !== undefined, service: service !== undefined },
    note: summary.get(note),
    keys: pathsIn(summary.serialize()).toSorted(),
  }
}

/** The paths of all values; entities are more than the plugins' view of them and count as one value. */
function pathsIn(value: unknown, path = ''): string[] {
  if (path === '.route' || path === '.service') return [path]
  if (Array.isArray(value)) return [...new Set(value.flatMap((each) => pathsIn(each, `${path}[]`)))]
  if (typeof value !== 'object' || value === null) return [path]
  return Object.entries(value).flatMap(([key, each]) => pathsIn(each, `${path}.${key}`))
}
