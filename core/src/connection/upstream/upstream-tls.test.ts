import { expect, test } from 'vitest'
import { apply } from '../../gateway/configuration.fixture.ts'
import { routeRow, serviceRow } from '../../gateway/rows.fixture.ts'
import { fakeInbound, hostOf } from '../connection.fixture.ts'
import type { Matched } from '../phases/preread.ts'
import { Session } from '../session.ts'
import { upstreamTls } from './upstream-tls.ts'

async function matched(
  more: Partial<Matched> = {},
  host?: Awaited<ReturnType<typeof hostOf>>,
): Promise<Matched> {
  const session = new Session(fakeInbound([]), host ?? (await hostOf()))
  const service = serviceRow('s', { protocol: 'tls' })
  return { session, route: routeRow('r', 's'), service, protocol: 'tls', silent: false, ...more }
}

test('only a service that speaks TLS gets it, and never on top of TLS that passes through', async () => {
  expect(upstreamTls(await matched({ service: serviceRow('s') }), 'up')).toBeUndefined()
  expect(upstreamTls(await matched({ protocol: 'tls_passthrough' }), 'up')).toBeUndefined()
  expect(upstreamTls(await matched(), 'up')).toEqual({ verify: false, serverName: 'up' })
})

test.each(['127.0.0.1', '::1', 'unix:/run/up.sock'])('%s is no server name', async (name) => {
  expect(upstreamTls(await matched(), name)).toEqual({ verify: false })
})

test('preserve_host hands the client’s name on, where there is one', async () => {
  const asking = await matched({ route: routeRow('r', 's', { preserve_host: true }) })
  expect(upstreamTls(asking, 'up')).toMatchObject({ serverName: 'up' })
  asking.session.seen.hello = { serverName: 'asked.example', alpn: [], ja4: '', ja3: '' }
  expect(upstreamTls(asking, '10.0.0.1')).toMatchObject({ serverName: 'asked.example' })
})

test('what the service does not say comes from the node', async () => {
  const host = {
    ...(await hostOf()),
    trusted: ['roots'],
    clientCertificate: { cert: 'c', key: 'k' },
  }
  expect(upstreamTls(await matched({}, host), 'up')).toMatchObject({
    ca: ['roots'],
    certificate: { cert: 'c', key: 'k' },
  })
  const row = { id: 'ca', created_at: 0, updated_at: 0, tags: null, cert: 'mine', cert_digest: '' }
  await apply(host.configuration, { op: 'put', entity: 'ca_certificates', row })
  const service = serviceRow('s', {
    protocol: 'tls',
    ca_certificates: ['ca', 'gone'],
    client_certificate: { id: 'gone' },
  })
  const own = upstreamTls(await matched({ service }, host), 'up')
  expect(own).toMatchObject({ ca: ['mine'] })
  expect(own).not.toHaveProperty('certificate')
})
