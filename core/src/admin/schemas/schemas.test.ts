import { expect, test } from 'vitest'
import { entityNames } from '../../entities/definitions/index.ts'
import { ecCert, ecKey } from '../../entities/pem.fixture.ts'
import { form, send, testNode } from '../node.fixture.ts'
import type { Json } from '../node.fixture.ts'

const id = '7fca84d6-7d37-4a74-a7b0-93e576089a41'

/** By name, without what they say in prose. */
async function fieldsAt(path: string): Promise<Json> {
  const { json } = await send(testNode(), `GET ${path}`)
  const text = JSON.stringify(json?.['fields'] ?? [], (key, value: unknown) =>
    key === 'description' && typeof value === 'string' ? undefined : value,
  )
  return Object.assign({}, ...(JSON.parse(text) as Json[])) as Json
}

test.each<[string, string, Json]>([
  ['services', 'id', { type: 'string', uuid: true, auto: true }],
  ['services', 'created_at', { type: 'integer', timestamp: true, auto: true }],
  ['services', 'name', { type: 'string', unique: true }],
  ['services', 'host', { type: 'string', required: true }],
  ['services', 'port', { type: 'integer', required: true, default: 80, between: [0, 65_535] }],
  ['services', 'retries', { type: 'integer', default: 5, between: [0, 32_767] }],
  ['services', 'client_certificate', { type: 'foreign', reference: 'certificates' }],
  ['services', 'ca_certificates', { type: 'array', elements: { type: 'string', uuid: true } }],
  ['services', 'tags', { type: 'set', elements: { type: 'string' } }],
  ['routes', 'service', { type: 'foreign', reference: 'services' }],
  [
    'snis',
    'certificate',
    { type: 'foreign', reference: 'certificates', on_delete: 'cascade', required: true },
  ],
  ['plugins', 'enabled', { type: 'boolean', default: true, required: true }],
  [
    'plugins',
    'route',
    { type: 'foreign', reference: 'routes', on_delete: 'cascade', default: null },
  ],
  [
    'services',
    'path',
    {
      type: 'string',
      starts_with: '/',
      match_none: [{ pattern: '//', err: 'must not have empty segments' }],
    },
  ],
  ['services', 'tls_verify_depth', { type: 'integer', between: [0, 64], default: null }],
  ['certificates', 'snis', { type: 'array', elements: { type: 'string' }, transient: true }],
  ['certificates', 'key', { type: 'string', required: true, referenceable: true, encrypted: true }],
  ['snis', 'name', { type: 'string', required: true, unique: true, unique_across_ws: true }],
  ['routes', 'methods', { type: 'set', elements: { type: 'string', match: '^%u+$' } }],
  [
    'routes',
    'headers',
    {
      type: 'map',
      keys: { type: 'string' },
      values: { type: 'array', elements: { type: 'string' } },
    },
  ],
])('the schema of %s describes %s', async (entity, field, expected) => {
  expect((await fieldsAt(`/schemas/${entity}`))[field]).toStrictEqual(expected)
})

test.each(entityNames)('every field of %s says what it is for', async (entity) => {
  const { json } = await send(testNode(), `GET /schemas/${entity}`)
  const fields = json?.['fields'] as Record<string, Json>[]
  for (const [name, field] of fields.flatMap(Object.entries)) {
    if (field['transient'] === undefined) {
      expect([name, field['description']]).toEqual([name, expect.stringMatching(/\w/)])
    }
  }
})

test('the fields stand in the order of Kong', async () => {
  expect(Object.keys(await fieldsAt('/schemas/services')).slice(3, 8)).toEqual([
    'name',
    'retries',
    'protocol',
    'host',
    'port',
  ])
})

test('a route has sets of records, each with its rule', async () => {
  const { sources, protocols } = await fieldsAt('/schemas/routes')
  expect(sources).toEqual({
    type: 'set',
    elements: {
      type: 'record',
      fields: [{ ip: { type: 'string' } }, { port: { type: 'integer', between: [0, 65_535] } }],
      entity_checks: [{ at_least_one_of: ['ip', 'port'] }],
    },
  })
  expect(protocols).toMatchObject({
    type: 'set',
    required: true,
    len_min: 1,
    default: ['http', 'https'],
    mutually_exclusive_subsets: expect.arrayContaining([['tcp', 'tls', 'udp']]),
    elements: { type: 'string', one_of: expect.arrayContaining(['tcp', 'tls_passthrough']) },
  })
})

test.each(entityNames)('the schema of %s is whole', async (entity) => {
  const { status, json } = await send(testNode(), `GET /schemas/${entity}`)
  expect(status).toBe(200)
  expect(Object.keys(json ?? {})).toEqual(['fields', 'entity_checks'])
  const fields = Object.values(await fieldsAt(`/schemas/${entity}`)) as Json[]
  const known = /^(string|integer|number|boolean|array|set|map|record|foreign)$/
  for (const { type } of fields) expect(type).toMatch(known)
})

test('a condition over a set names what its elements are', async () => {
  const { json } = await send(testNode(), 'GET /schemas/routes')
  expect(json?.['entity_checks']).toContainEqual({
    conditional: {
      if_field: 'protocols',
      if_match: {
        elements: { type: 'string', not_one_of: ['grpcs', 'https', 'tls', 'tls_passthrough'] },
      },
      then_field: 'snis',
      then_match: { len_eq: 0 },
      then_err: expect.stringContaining("'snis' can only be set when"),
    },
  })
})

test('rules are stated where Kong has a word, and named by their fields elsewhere', async () => {
  const node = testNode()
  expect((await send(node, 'GET /schemas/services')).json?.['entity_checks']).toContainEqual({
    conditional: {
      if_field: 'protocol',
      if_match: { one_of: ['tcp', 'tls', 'udp', 'grpc', 'grpcs'] },
      then_field: 'path',
      then_match: { eq: null },
    },
  })
  expect((await send(node, 'GET /schemas/certificates')).json?.['entity_checks']).toEqual([
    { mutually_required: ['cert_alt', 'key_alt'] },
    { custom_entity_check: { field_sources: ['cert', 'key'] } },
    { custom_entity_check: { field_sources: ['cert_alt', 'key_alt'] } },
    { custom_entity_check: { field_sources: ['cert', 'cert_alt'] } },
  ])
})

test('the deprecated schema of a plugin is that of its configuration alone', async () => {
  const fields = await fieldsAt('/plugins/schema/sample')
  expect(Object.keys(fields)).toEqual(['allow', 'second', 'strict', 'by', 'nested'])
  expect((await send(testNode(), 'GET /plugins/schema/nobody')).status).toBe(404)
})

test('tags have a schema, and cannot be checked by it', async () => {
  expect(await fieldsAt('/schemas/tags')).toMatchObject({
    tag: { type: 'string', required: true },
    entity_name: { type: 'string', required: true },
    entity_id: { type: 'string', uuid: true, required: true },
  })
  expect((await send(testNode(), 'POST /schemas/tags/validate', {})).status).toBe(404)
})

test('the schema of a plugin', async () => {
  const fields = await fieldsAt('/schemas/plugins/sample')
  expect(Object.keys(fields)).toEqual(['protocols', 'service', 'route', 'consumer', 'config'])
  expect(fields).toMatchObject({
    protocols: {
      type: 'set',
      required: true,
      default: ['tcp', 'tls'],
      elements: { type: 'string', one_of: expect.arrayContaining(['tcp', 'http']) },
    },
    consumer: { type: 'foreign', reference: 'consumers' },
    config: {
      type: 'record',
      required: true,
      fields: [
        { allow: { type: 'array', elements: { type: 'string' } } },
        { second: { type: 'integer', gt: 0 } },
        { strict: { type: 'boolean', default: false } },
        { by: { type: 'string', one_of: ['ip', 'route'], default: 'ip' } },
        { nested: { type: 'record', fields: [{ host: {} }, { port: {} }] } },
      ],
    },
  })
})

test('a kind of vault has its configuration', async () => {
  const prefix = { type: 'string', match: '^[%a_-][%a%d_-]*$' }
  expect(await fieldsAt('/schemas/vaults/env')).toEqual({
    config: { type: 'record', required: true, fields: [{ prefix }] },
  })
})

test('the rules of a configuration stand beside it', async () => {
  const node = testNode()
  const schema = {
    type: 'object',
    properties: { allow: { type: 'string' }, deny: { type: 'string' } },
    anyOf: [{ required: ['allow'] }, { required: ['deny'] }],
  } as const
  const facts = { protocols: ['tcp'], schema, validate: () => ({ ok: true, value: {} }) as const }
  const context = { ...node.deps.context, plugins: { find: () => facts, names: () => [] } }
  const { json } = await send(testNode({}, { context }), 'GET /schemas/plugins/x')
  expect(json?.['entity_checks']).toEqual([{ at_least_one_of: ['config.allow', 'config.deny'] }])
  expect(JSON.stringify(json?.['fields'])).not.toContain('entity_checks')
})

test.each([
  ['GET /schemas/nothing', "No entity named 'nothing'"],
  ['GET /schemas/toString', "No entity named 'toString'"],
  ['POST /schemas/nothing/validate', "No entity named 'nothing'"],
  ['GET /schemas/plugins/nothing', "No plugin named 'nothing'"],
  ['GET /plugins/schema/nothing', "No plugin named 'nothing'"],
  ['GET /schemas/vaults/nothing', "No vault named 'nothing'"],
  ['GET /schemas/vaults/toString', "No vault named 'toString'"],
])('%s is not found', async (line, message) => {
  expect(await send(testNode(), line)).toMatchObject({ status: 404, json: { message } })
})

test.each<[string, Json | string]>([
  ['services', { host: 'h', protocol: 'tcp', port: 1, client_certificate: null }],
  ['services', 'url=tcp://h:1&retries=3'],
  ['routes', { protocols: ['tcp'], sources: [{ port: 1 }], service: { id: id.toUpperCase() } }],
  ['routes', { protocols: ['tcp'], sources: [{ port: 1 }], service: { name: 'nobody' } }],
  ['certificates', { cert: ecCert, key: ecKey, snis: ['a.test'] }],
  ['snis', { name: 'a.test', certificate: { id } }],
  ['plugins', { name: 'sample', config: { second: 1 }, consumer: { id }, service: { id } }],
  ['plugins', 'name=sample&config.second=1&config.strict=true'],
])('%s %j would be accepted, and is not kept', async (entity, body) => {
  const node = testNode()
  const before = node.set.revision
  expect(await send(node, `POST /schemas/${entity}/validate`, body)).toMatchObject({
    status: 200,
    json: { message: 'schema validation successful' },
  })
  expect(node.set.revision).toBe(before)
})

test('a name that is taken is valid', async () => {
  const node = testNode()
  await send(node, 'POST /services', 'name=s&host=h')
  expect((await send(node, 'POST /schemas/services/validate', 'name=s&host=h')).status).toBe(200)
})

test.each<[string, Json | string, Json]>([
  ['services', {}, { host: 'required field missing' }],
  ['services', { host: 'h', port: 'x' }, { port: 'expected an integer' }],
  ['services', { host: 'h', nope: 1 }, { nope: 'unknown field' }],
  [
    'services',
    { host: 'h', protocol: 'tcp', path: '/' },
    {
      path: 'value must be null',
      '@entity': ["failed conditional validation given value of field 'protocol'"],
    },
  ],
  ['snis', { name: 'a.test' }, { certificate: 'required field missing' }],
  ['certificates', { cert: ecCert, key: ecKey, snis: 5 }, { snis: 'expected an array' }],
  ['plugins', { name: 'sample', config: { second: 0 } }, expect.objectContaining({}) as Json],
  [
    'plugins',
    { name: 'x' },
    { name: "plugin 'x' not enabled; add it to the 'plugins' configuration property" },
  ],
  ['plugins', {}, { name: 'required field missing' }],
  ['vaults', {}, { name: 'required field missing' }],
  ['vaults', { name: 'x' }, { name: "vault 'x' is not installed" }],
  [
    'plugins',
    { name: 'sample', enabled: 1, config: { strict: 1 } },
    { enabled: 'expected a boolean', config: { strict: 'expected a boolean' } },
  ],
  [
    'certificates',
    { cert: ecCert, key: ecKey, snis: ['120.0.9.32:90'] },
    { snis: { 1: 'must not be an IP' } },
  ],
])('%s %j would be refused', async (entity, body, fields) => {
  const node = testNode()
  const { status, json } = await send(node, `POST /schemas/${entity}/validate`, body)
  expect([status, json?.['code'], json?.['name']]).toEqual([400, 2, 'schema violation'])
  expect(json?.['fields']).toEqual(fields)
})

test('what cannot be read is refused as anywhere', async () => {
  const node = testNode()
  const type = { 'content-type': form }
  expect((await send(node, 'POST /schemas/services/validate', '__proto__.x=1', type)).status).toBe(
    400,
  )
  expect((await send(node, 'GET /schemas/services/validate')).status).toBe(405)
})
