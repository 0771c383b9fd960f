import { compile } from '@kong-ts/pdk/host'
import { expect, test } from 'vitest'
import { createSelfSigned } from '../certificates/self-signed.ts'
import { loadCatalogue } from '../plugins/catalogue.ts'
import { send, testNode } from './node.fixture.ts'
import type { Json } from './node.fixture.ts'

/**
 * Kong's clients complete what a user wrote by the schemas that they read, and compare it with what is served: where
 * the two differ they write again on every run. These are their two ways of completing.
 */
type Named = Readonly<Record<string, Json>>

const automatic = new Set(['id', 'created_at', 'updated_at'])

function fieldsIn(schema: Json): readonly (readonly [string, Json])[] {
  return ((schema['fields'] ?? []) as Named[]).flatMap(Object.entries)
}

/** Entities: the defaults of all fields, those of records by their fields, below what was written. */
function defaultsOf(schema: Json): Json {
  const entries = fieldsIn(schema).map(([name, field]) => [
    name,
    field['type'] === 'record' ? defaultsOf(field) : (field['default'] ?? null),
  ])
  return Object.fromEntries(entries) as Json
}

/** Configurations: record by record; what was written stands, null too, and maps are never completed. */
function complete(schema: Json, written: Json): Json {
  const whole = (schema['default'] ?? {}) as Json
  const entries = fieldsIn(schema).map(([name, field]) => [
    name,
    name in written
      ? completeWritten(field, written[name])
      : completeAbsent(field, whole[name] ?? field['default'] ?? null),
  ])
  return { ...written, ...(Object.fromEntries(entries) as Json) }
}

function completeWritten({ type, elements, ...field }: Json, value: unknown): unknown {
  if (value === null) return value
  if (type === 'record') return complete(field, value as Json)
  if (Array.isArray(value) && (elements as Json)['type'] === 'record') {
    return value.map((each) => complete(elements as Json, each as Json))
  }
  // An object that is neither a record nor a map with its keys and values would be lost.
  const lost = typeof value === 'object' && !Array.isArray(value) && !('values' in field)
  return lost ? null : value
}

function completeAbsent(field: Json, value: unknown): unknown {
  return field['type'] === 'record' && field['required'] === true ? complete(field, {}) : value
}

test.each<[string, Json]>([
  ['services', { host: 'h' }],
  ['services', { host: 'h', protocol: 'tls', tls_verify: false, tags: ['a'] }],
  ['routes', { protocols: ['tcp'], sources: [{ ip: null, port: 1 }] }],
  ['routes', { protocols: ['tls'], snis: ['a.test'], preserve_host: true }],
  ['upstreams', { name: 'u.test' }],
  ['consumers', { username: 'c' }],
])('a client completes %s %j as it is served', async (entity, body) => {
  const node = testNode()
  const { json: schema } = await send(node, `GET /schemas/${entity}`)
  const { status, json } = await send(node, `POST /${entity}`, body)
  expect(status).toBe(201)
  const own = (row: Json = {}) =>
    Object.fromEntries(Object.entries(row).filter(([name]) => !automatic.has(name)))
  expect({ ...own(defaultsOf(schema ?? {})), ...body }).toEqual(own(json))
})

test('a client completes a target as it is served', async () => {
  const node = testNode()
  await send(node, 'POST /upstreams', { name: 'u.test' })
  const { json: schema } = await send(node, 'GET /schemas/targets')
  const { weight, tags } = defaultsOf(schema ?? {})
  expect(
    (await send(node, 'POST /upstreams/u.test/targets', { target: 'h:1' })).json,
  ).toMatchObject({ weight, tags })
})

const catalogue = await loadCatalogue(['bundled'], { cwd: process.cwd() })

const identity = await createSelfSigned({
  key: 'ec',
  commonName: 'ca',
  names: ['ca.test'],
  days: 1,
})

/** What they cannot do without. */
const needed: Readonly<Record<string, Json>> = {
  'bandwidth-limiting': { upload: 1000 },
  'file-log': { path: '/dev/null' },
  'http-log': { http_endpoint: 'http://127.0.0.1:9/' },
  'mtls-auth': { ca_certificates: [identity.cert] },
  'udp-log': { host: '127.0.0.1', port: 9 },
  'ip-restriction': { allow: ['10.0.0.0/8'] },
  'rate-limiting': { second: 5 },
  'connection-limiting': { limit: 5 },
  'tcp-log': { host: '127.0.0.1', port: 9 },
}

test.each(catalogue.names())('a client completes the plugin %s as it is served', async (name) => {
  const node = testNode()
  const context = { ...node.deps.context, plugins: catalogue }
  const bundled = testNode({}, { context })
  const { json: schema } = await send(bundled, `GET /schemas/plugins/${name}`)
  const { config = {}, protocols = {} } = Object.fromEntries(fieldsIn(schema ?? {}))
  const written = needed[name] ?? {}
  const { status, json } = await send(bundled, 'POST /plugins', { name, config: written })
  expect([status, json?.['fields']]).toEqual([201, undefined])
  expect(complete(config, written)).toEqual(json?.['config'])
  expect(protocols['default']).toEqual(json?.['protocols'])
})

test('an array of records and a record with a default are completed', async () => {
  const schema = {
    type: 'object',
    properties: {
      redis: {
        type: 'object',
        properties: { port: { type: 'integer', default: 6379 }, host: { type: 'string' } },
        default: {},
      },
      list: {
        type: 'array',
        items: {
          type: 'object',
          properties: { weight: { type: 'integer', default: 1 } },
        },
      },
      headers: { type: 'object', additionalProperties: { type: 'string' } },
      any: { type: 'object' },
    },
  } as const
  const node = testNode()
  const facts = { protocols: ['tcp'], schema, validate: compile(schema) }
  const plugins = { find: () => facts, names: () => ['x'] }
  const custom = testNode({}, { context: { ...node.deps.context, plugins } })
  const config = { headers: { a: 'b' }, list: [{}, { weight: 2 }], any: { x: [1] } }
  const { json: served } = await send(custom, 'POST /plugins', { name: 'x', config })
  const { json } = await send(custom, 'GET /schemas/plugins/x')
  const { config: described = {} } = Object.fromEntries(fieldsIn(json ?? {}))
  expect(complete(described, config)).toEqual(served?.['config'])
})
