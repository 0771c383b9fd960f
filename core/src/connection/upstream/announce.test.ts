import type { ProxyFacts, TlsFacts } from '@kong-ts/pdk'
import { expect, test } from 'vitest'
import { createSelfSigned } from '../../certificates/self-signed.ts'
import type { Service, Upstream } from '../../entities/rows.ts'
import { routeRow, serviceRow } from '../../gateway/rows.fixture.ts'
import { readProxyHeader } from '../../routing/proxy-header/read-header.ts'
import { announce } from './announce.ts'
import { fakeInbound, hostOf } from '../connection.fixture.ts'
import type { Seen } from '../client/seen.ts'
import { Session } from '../session.ts'

const everything = { authority: true, alpn: true, ssl: true, unique_id: true, crc32c: true }

/** What an upstream is sent for this service, when this has become known of the client. */
async function sent(
  service: Partial<Service>,
  known: { -readonly [K in keyof Seen]?: Seen[K] } = {},
  upstream?: Partial<Upstream>,
) {
  const host = await hostOf()
  const session = new Session(fakeInbound([]), host)
  const { seen } = session
  Object.assign(seen, known)
  const matched = { route: routeRow('r', 's'), service: serviceRow('s', service) }
  const row = upstream && ({ id: 'u', name: 'up', ...upstream } as Upstream)
  const bytes = announce({ ...matched, session, protocol: 'tcp', silent: false }, row)
  const parsed = bytes && readProxyHeader(bytes)
  return {
    text: bytes && Buffer.from(bytes).toString('latin1'),
    seen,
    header: parsed?.kind === 'header' ? parsed.header : undefined,
  }
}

const v2 = (tlvs: Service['proxy_protocol_tlvs'] = everything) =>
  ({ proxy_protocol: 'v2', proxy_protocol_tlvs: tlvs }) as const

test('nothing, unless it is asked for', async () => {
  expect((await sent({})).text).toBeUndefined()
  expect((await sent({}, {}, {})).text).toBeUndefined()
})

test('the client and the listener; what came by a header goes on by a header', async () => {
  expect((await sent({ proxy_protocol: 'v1' })).text).toBe(
    'PROXY TCP4 10.0.0.1 10.0.0.2 4000 5555\r\n',
  )
  const proxy: ProxyFacts = {
    version: 2,
    peer: { address: '10.0.0.1', port: 4000 },
    destination: { address: '2001:db8::2', port: 443 },
    tlvs: {},
  }
  const client = { address: '2001:db8::1', port: 4711 }
  expect((await sent({ proxy_protocol: 'v1' }, { client, proxy })).text).toBe(
    'PROXY TCP6 2001:db8::1 2001:db8::2 4711 443\r\n',
  )
})

test('the upstream that the service goes through has the last word', async () => {
  const version = async (service?: 'v1' | 'v2', upstream?: 'v1' | 'v2') => {
    const row = upstream && { proxy_protocol: upstream }
    return (await sent(service ? { proxy_protocol: service } : {}, {}, row ?? {})).header?.version
  }
  expect(await version('v1', 'v2')).toBe(2)
  expect(await version(undefined, 'v1')).toBe(1)
  expect(await version('v2')).toBe(2)
  const wanted = {
    proxy_protocol: 'v2',
    proxy_protocol_tlvs: { custom: { '0xE0': 'up' } },
  } as const
  const { header } = await sent(v2({ custom: { '0xE1': 'service' } }), {}, wanted)
  expect(header?.tlvs.others?.map(({ type }) => type)).toEqual([0xe0])
})

test('what is not asked for is not told', async () => {
  const known = { hello: { serverName: 'a.example', alpn: ['h2'], ja3: '', ja4: '' } }
  const off = { authority: false, alpn: null, ssl: null, unique_id: false, crc32c: false }
  expect((await sent(v2(off), known)).header?.tlvs).toEqual({})
  expect((await sent({ proxy_protocol: 'v2' }, known)).header?.tlvs).toEqual({})
})

test('of TLS that is passed through the name alone is known', async () => {
  const known = { hello: { serverName: 'a.example', alpn: ['h2'], ja3: '', ja4: '' } }
  const { header, seen } = await sent(v2(), known)
  expect(header?.tlvs).toEqual({
    authority: 'a.example',
    uniqueId: Uint8Array.from(Buffer.from(seen.id)),
    ssl: { tls: false, verified: false },
  })
})

async function shown(subject: string, more: object = {}): Promise<TlsFacts> {
  const { cert } = await createSelfSigned({ key: 'ec', commonName: subject, days: 1 })
  const clientCertificate = { subject: '', names: [], fingerprint: '', pem: cert, verified: true }
  return {
    version: 'TLSv1.3',
    cipher: 'TLS_AES_256_GCM_SHA384',
    alpn: 'h2',
    clientCertificate: { ...clientCertificate, ...more },
  }
}

test('of TLS that ended here: what was agreed on, and who the client is', async () => {
  const ssl = { tls: true, version: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384' }
  const told = async (tls: TlsFacts) => (await sent(v2(), { tls })).header?.tlvs
  expect(await told(await shown('client, one'))).toMatchObject({
    alpn: 'h2',
    ssl: { ...ssl, certificate: 'connection', verified: true, cn: 'client, one' },
  })
  const resumed = { ...(await shown('client')), resumed: true } as const
  expect((await told(resumed))?.ssl).toMatchObject({ certificate: 'session', verified: true })
  const stranger = await shown('stranger', { verified: false })
  expect((await told(stranger))?.ssl).toEqual({
    ...ssl,
    certificate: 'connection',
    verified: false,
  })
})

test('what came with the client goes on with it, as far as it is short', async () => {
  const ssl = { tls: true, certificate: 'session', verified: true, cn: 'x' } as const
  const end = { address: '10.0.0.1', port: 1 }
  const proxy = (tlvs: ProxyFacts['tlvs']): ProxyFacts => ({
    version: 2,
    peer: end,
    destination: end,
    tlvs,
  })
  const uniqueId = Buffer.from('theirs')
  const came = await sent(v2(), {
    proxy: proxy({ authority: 'a.example', alpn: 'h2', ssl, uniqueId }),
  })
  expect(came.header?.tlvs).toMatchObject({ authority: 'a.example', alpn: 'h2', ssl })
  expect(String(Buffer.from(came.header?.tlvs.uniqueId ?? []))).toBe(came.seen.id)
  const long = 'x'.repeat(257)
  const { header } = await sent(v2(), {
    proxy: proxy({ authority: long, alpn: long, ssl: { ...ssl, cn: long } }),
  })
  expect(Object.keys(header?.tlvs ?? {})).toEqual(['uniqueId', 'ssl'])
  expect(header?.tlvs.ssl).toEqual({ tls: false, verified: false })
})

test('the longest header that there can be is one that is taken', async () => {
  const long = 'x'.repeat(256)
  const ssl = { tls: true, verified: false, version: long, cipher: long, cn: long }
  const end = { address: `unix:/${'x'.repeat(200)}`, port: 0 }
  const tlvs = { authority: long, alpn: long, ssl: { ...ssl, sigAlg: long, keyAlg: long } }
  const { header, text } = await sent(v2({ ...everything, custom: { '0xE0': 'x'.repeat(1021) } }), {
    client: end,
    proxy: { version: 2, peer: end, destination: end, tlvs },
  })
  expect(text?.length).toBeLessThan(4096)
  expect(header?.tlvs).toMatchObject(tlvs)
})
