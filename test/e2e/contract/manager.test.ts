import { generateKeyPairSync } from 'node:crypto'
import { expect, test } from 'vitest'
import { authority, rsaCert, rsaKey } from '../../../core/src/entities/pem.fixture.ts'
import { startGateway, type Json, type RunningGateway } from '../support/gateway.ts'
import { hold, notFound, send, violation, type Case } from './hold.ts'

/** A form of a manager as it is first sent, what comes back, and what the same form sends when it is edited. */
type Form = readonly [collection: string, sent: Json, shown?: Json, edited?: Json]

const tags = ['edited']

const pair = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
})
const pem = { private_key: pair.privateKey, public_key: pair.publicKey }
const point = {
  x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
  y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
}
const jwk = JSON.stringify({ kty: 'EC', crv: 'P-256', ...point, kid: 'k1' })

const timeouts = { connect_timeout: 60_000, write_timeout: 60_000, read_timeout: 60_000 }
const untrusted = { client_certificate: null, ca_certificates: null }
const service = { tags: null, retries: 5, enabled: true, ...timeouts, ...untrusted }

/** What the page of routes sends along whatever the protocols are. */
const unused = {
  https_redirect_status_code: 426,
  strip_path: false,
  preserve_host: false,
  request_buffering: true,
  response_buffering: true,
  methods: null,
  hosts: null,
  paths: null,
  headers: null,
  regex_priority: 0,
  path_handling: 'v0',
}
const route = { ...unused, tags: [], service: null, sources: null, destinations: null, snis: null }

const upstream = {
  slots: 10_000,
  algorithm: 'round-robin',
  hash_on: 'none',
  hash_fallback: 'none',
  host_header: null,
  client_certificate: null,
  tags: [],
}
/** The page writes the checks out that its user has switched off. */
const unchecked = {
  threshold: 0,
  active: {
    type: 'http',
    headers: {},
    healthy: { interval: 0, successes: 0 },
    unhealthy: { interval: 0, http_failures: 0, tcp_failures: 0, timeouts: 0 },
  },
  passive: {
    type: 'http',
    healthy: { successes: 0 },
    unhealthy: { timeouts: 0, tcp_failures: 0, http_failures: 0 },
  },
}
const hashed = { hash_on: 'consumer', hash_fallback: 'header', hash_fallback_header: 'x-a' }

const forms: readonly Form[] = [
  ['services', { ...service, name: 'by-parts', protocol: 'tcp', host: 'h', port: 7, path: null }],
  [
    'services',
    { ...service, name: 'by-url', port: 80, url: 'tls://h.test:9' },
    { protocol: 'tls', host: 'h.test', port: 9, path: null },
    { ...service, name: 'by-url', protocol: 'tls', host: 'h.test', port: 10, path: null },
  ],
  [
    'routes',
    { ...route, name: 'tcp', protocols: ['tcp'], sources: [{ ip: '10.0.0.0/8', port: 1234 }] },
    { sources: [{ ip: '10.0.0.0/8', port: 1234 }] },
  ],
  [
    'routes',
    { ...route, name: 'all', protocols: ['tcp', 'tls', 'udp'], destinations: [{ port: 9000 }] },
    { destinations: [{ ip: null, port: 9000 }], strip_path: false },
  ],
  [
    'routes',
    { ...route, name: 'passed', protocols: ['tls_passthrough'], snis: ['a.test'] },
    { snis: ['a.test'] },
  ],
  [
    'upstreams',
    { ...upstream, name: 'u.test', healthchecks: { threshold: 0 } },
    { healthchecks: { passive: { healthy: { successes: 0 } } } },
    { ...upstream, name: 'u.test', healthchecks: unchecked },
  ],
  ['upstreams', { ...upstream, ...hashed, name: 'v.test', healthchecks: { threshold: 0 } }, hashed],
  [
    'certificates',
    { cert: rsaCert, key: rsaKey, cert_alt: null, key_alt: null, snis: [], tags: [] },
  ],
  [
    'ca_certificates',
    { cert: authority, cert_digest: null, tags: [] },
    { cert_digest: expect.stringMatching(/^[0-9a-f]{64}$/) },
  ],
  ['consumers', { username: 'alice', custom_id: '1', tags: ['t'] }],
  ['key-sets', { name: 'set', tags: [] }],
  ['keys', { kid: 'k1', name: 'by-jwk', tags: [], set: null, jwk, pem: null }, { pem: null }],
  ['keys', { kid: 'k2', name: 'by-pem', tags: [], set: null, jwk: null, pem }, { jwk: null }],
  [
    'vaults',
    { prefix: 'mine', name: 'env', config: { prefix: 'my_' }, description: null, tags: [] },
    { config: { prefix: 'my_' } },
  ],
]

async function expectPages(gateway: RunningGateway, [collection, sent, shown, edited]: Form) {
  const list = `GET /${collection}?sort_desc=1&size=30`
  expect(await send(gateway, list, undefined)).toMatchObject({ status: 200, body: { data: [] } })
  const made = await send(gateway, `POST /${collection}`, sent)
  expect.soft([collection, made]).toMatchObject([collection, { status: 201, body: shown ?? {} }])
  const item = `/${collection}/${made.body.id}`
  expect.soft(await send(gateway, `GET ${item}`, undefined)).toEqual({ ...made, status: 200 })
  // Rows that an edited form was filled from come back as they were shown, but for what was changed.
  const { cert_digest: digest } = made.body
  const whole = { ...(edited ?? sent), ...(digest && { cert_digest: digest }), tags }
  const patched = await send(gateway, `PATCH ${item}`, whole)
  expect.soft([collection, patched]).toMatchObject([collection, { status: 200, body: { tags } }])
  expect.soft((await send(gateway, list, undefined)).body.data).toEqual([patched.body])
  expect.soft((await send(gateway, `DELETE ${item}`, undefined)).status).toBe(204)
  expect.soft(await send(gateway, `GET ${item}`, undefined)).toMatchObject({ status: 404 })
}

test('the forms of every page of a manager make, show, change and remove a row', async () => {
  const gateway = await startGateway()
  for (const form of forms) await expectPages(gateway, form)
  expect(await send(gateway, 'GET /tags', undefined)).toMatchObject({ body: { data: [] } })
})

const protocols = ['tcp', 'tls', 'tls_passthrough']

/** Below another entity: what the pages of tabs send. The entity stands in the path and in the body. */
const tabs = (id: string, upstreamId: string): readonly Case[] => [
  [
    'a tab of routes',
    `GET /services/${id}/routes?sort_desc=1&size=30`,
    undefined,
    200,
    { data: [] },
  ],
  [
    'a route below its service',
    `POST /services/${id}/routes`,
    { ...route, name: 'r', protocols: ['tls'], snis: ['r.test'], service: { id } },
    201,
    { name: 'r', service: { id } },
  ],
  ['… and shown there', `GET /services/${id}/routes/r`, undefined, 200, { service: { id } }],
  [
    'a plugin without a configuration that it needs',
    `POST /services/${id}/plugins`,
    { name: 'ip-restriction', enabled: true, service: { id }, protocols },
    400,
    violation("at least one of these fields must be non-empty: 'config.allow', 'config.deny'"),
  ],
  [
    'a plugin below its service, with what its schema told the page',
    `POST /services/${id}/plugins`,
    {
      name: 'tcp-log',
      enabled: true,
      service: { id },
      protocols,
      config: { host: 'h', port: 9, timeout: 10_000, keepalive: 60_000, tls: false },
    },
    201,
    { service: { id }, route: null, consumer: null, config: { host: 'h', tls_sni: null } },
  ],
  ['a tab of plugins', `GET /services/${id}/plugins?sort_desc=1&size=30`, undefined, 200],
  ['plugins that a page marks', `GET /services/${id}/plugins`, undefined, 200, { next: null }],
  [
    'a target below its upstream',
    `POST /upstreams/${upstreamId}/targets`,
    { target: '10.0.0.1', weight: 100, tags: [], upstream: { id: upstreamId } },
    201,
    { target: '10.0.0.1:8000', upstream: { id: upstreamId } },
  ],
  [
    'a name that a page looks up',
    'GET /services/scope?size=30',
    undefined,
    200,
    { id, name: 'scope' },
  ],
  ['… and does not find', 'GET /upstreams/nobody', undefined, 404, notFound],
  [
    'a plugin that there is none of',
    'GET /schemas/plugins/nobody',
    undefined,
    404,
    { message: "No plugin named 'nobody'" },
  ],
  [
    'a service that has routes',
    `DELETE /services/${id}`,
    undefined,
    400,
    { code: 4, fields: { '@referenced_by': 'routes' } },
  ],
]

test('the tabs of a page are taken below the entity that it shows', async () => {
  const gateway = await startGateway()
  const { id } = await gateway.create('/services', { name: 'scope', host: 'h' })
  const { id: upstreamId } = await gateway.create('/upstreams', { name: 'u.test' })
  await hold(gateway, tabs(id, upstreamId))
  const [plugin] = (await gateway.admin('GET', `/services/${id}/plugins`)).body.data
  expect((await gateway.admin('GET', `/plugins/${plugin.id}?expand_partials=true`)).body).toEqual(
    plugin,
  )
})

test('a switch sends a plugin back whole, and its form moves it to another scope', async () => {
  const gateway = await startGateway()
  const { id } = await gateway.create('/services', { name: 's', host: 'h' })
  const config = { minute: 5, limit_by: 'ip', policy: 'local', error_message: 'no' }
  const form = { name: 'rate-limiting', enabled: true, protocols, config }
  const made = await gateway.create(`/services/${id}/plugins`, { ...form, service: { id } })
  const scoped = `PATCH /services/${id}/plugins/${made.id}`
  const off = await send(gateway, scoped, { ...made, enabled: false })
  expect(off.body).toEqual({ ...made, enabled: false, updated_at: off.body.updated_at })
  const free = { ...form, service: null, route: null, tags }
  const moved = await send(gateway, `PATCH /plugins/${made.id}`, free)
  expect(moved).toMatchObject({ status: 200, body: { ...free, consumer: null } })
  expect(await send(gateway, scoped, { enabled: false })).toMatchObject({ status: 404 })
})
