import { expect, test } from 'vitest'
import { recordKeys, serialize } from './serialize.ts'
import type { Serializable } from './serialize.ts'

const refused: Serializable = {
  id: '1',
  client: { address: '10.0.0.9', port: 40_000 },
  listener: { address: '127.0.0.1', port: 9443 },
  startedAt: 1_720_000_000_000,
  route: undefined,
  service: undefined,
  protocol: undefined,
  hello: undefined,
  tls: undefined,
  target: undefined,
  tries: [],
  ending: 'gateway.route.none',
  reason: undefined,
  status: 500,
  bytes: { client: { received: 0, sent: 0 }, upstream: { received: 0, sent: 0 } },
  latencies: { session: 2.6, kong: 0, queue: 2.2 },
  revision: 7,
}
const service = { id: 's', name: 'db', protocol: 'tcp', host: 'db', port: 5432, tags: null }
const route = { id: 'r', name: null, protocols: ['tls'], tags: null }

test('what is not known is left out', () => {
  expect(serialize(refused)).toEqual({
    session: { received: 0, sent: 0, status: 500, server_port: 9443 },
    upstream: { received: 0, sent: 0 },
    latencies: { kong: 0, session: 3, queue: 2 },
    client_ip: '10.0.0.9',
    client_port: 40_000,
    started_at: 1_720_000_000_000,
    workspace: '0dc6f45b-8f8d-40d2-a504-473544ee190b',
    workspace_name: 'default',
    ending: 'gateway.route.none',
    revision: 7,
  })
  expect(Object.values(serialize(refused))).not.toContain(undefined)
})

test('a proxied TLS session has everything of Kong’s', () => {
  const tls = { version: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384' }
  const tries = [
    {
      host: 'db',
      port: 5432,
      ip: '10.1.0.1',
      startedAt: 1_720_000_000_001,
      duration: 1.5,
      failure: 'upstream.connect.refused',
    },
    { host: 'db', port: 5432, ip: '10.1.0.2', startedAt: 1_720_000_000_003, duration: 0.25 },
  ]
  const hello = { serverName: 'db.example', alpn: [], ja4: 'x', ja3: 'y' }
  const proxied = { ...refused, route, service, protocol: 'tls', hello, tls, tries } as const
  expect(serialize(proxied)).toMatchObject({
    session: { tls: { ...tls, client_verify: 'NONE' } },
    tries: [
      {
        balancer_start: 1_720_000_000_001,
        ip: '10.1.0.1',
        port: 5432,
        balancer_latency_ns: 1_500_000,
        state: 'failed',
        code: 502,
      },
      { ip: '10.1.0.2', balancer_latency: 0, balancer_latency_ns: 250_000 },
    ],
    route,
    service,
    protocol: 'tls',
    sni: 'db.example',
    ja4: 'x',
  })
  expect(JSON.stringify(serialize(proxied))).not.toContain('"state":null')
})

test.each([
  [{ verified: true }, 'SUCCESS'],
  [{ verified: false, failure: 'expired' }, 'FAILED:expired'],
  [{ verified: false }, 'FAILED'],
])('a client certificate %j is %s', (facts, expected) => {
  const clientCertificate = { subject: '', names: [], fingerprint: '', pem: '', ...facts }
  const tls = { version: 'TLSv1.3', cipher: 'x', clientCertificate }
  expect(serialize({ ...refused, tls })).toMatchObject({
    session: { tls: { client_verify: expected } },
  })
})

test('every key that a record can have is listed', () => {
  const hello = { serverName: 'db.example', alpn: [], ja4: 'x', ja3: 'y' }
  const proxy = {
    version: 1,
    peer: { address: '10.0.0.1', port: 1 },
    destination: refused.listener,
    tlvs: {},
  } as const
  const known = { route, service, protocol: 'tls', hello, proxy, reason: 'r', wouldReject: [] }
  const everything = { ...refused, ...known } as const
  expect(Object.keys(serialize(everything as Serializable)).toSorted()).toEqual(
    recordKeys.toSorted(),
  )
})
