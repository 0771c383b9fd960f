import { expect, test } from 'vitest'
import { definitions } from './definitions/index.ts'
import { draftRow } from './draft.ts'
import { merge } from './merge.ts'
import { authority, ecCert, ecKey, rsaCert, rsaKey } from './pem.fixture.ts'
import { errorOf, world } from './plan.fixture.ts'
import { planCreate } from './plan.ts'
import { present } from './present.ts'

const tcp = { protocols: ['tcp'], sources: [{ port: 1 }] }
const ghost = '11111111-1111-4111-8111-111111111111'

test('planning changes nothing', () => {
  const { set, context } = world()
  const plan = planCreate(set, context, 'services', { host: 'h' })
  expect(plan.changes).toHaveLength(1)
  expect(set.count('services')).toBe(0)
  expect(set.revision).toBe(0)
})

test('references by name become references by id', () => {
  const { create } = world()
  const { id } = create('services', { name: 's', host: 'h' })
  const route = create('routes', { ...tcp, service: { name: 's' } })
  expect(route['service']).toEqual({ id })
  expect(create('routes', { ...tcp, service: null })['service']).toBeNull()
})

test('a reference may be written in either case', () => {
  const { create, remove, set } = world()
  const id = 'abcdef00-0000-4000-8000-00000000000a'
  create('services', { id, host: 'h' })
  const route = create('routes', { ...tcp, service: { id: id.toUpperCase() } })
  expect(route['service']).toEqual({ id })
  expect(set.children('routes', 'service', id)).toHaveLength(1)
  create('ca_certificates', { id, cert: authority })
  create('services', { host: 'h', protocol: 'tls', ca_certificates: [id.toUpperCase()] })
  expect(errorOf(() => remove('ca_certificates', id))).toMatchObject({ code: 19 })
})

test('a row keeps its birthday unless another one is written', () => {
  const { create, patch, replace } = world()
  create('services', { name: 's', host: 'h', created_at: 5 })
  const bodies = [{ created_at: null }, {}, { created_at: 7 }]
  const born = (row: object) => Reflect.get(row, 'created_at') as unknown
  expect(bodies.map((body) => born(patch('services', 's', body)))).toEqual([5, 5, 7])
  const full = bodies.map((body) => ({ ...body, host: 'h' }))
  expect(full.map((body) => born(replace('services', 's', body)))).toEqual([7, 7, 7])
})

test('a reference to nothing: code 13 by name, code 4 by id', () => {
  const { create } = world()
  const cannot =
    "the foreign key cannot be resolved with '{name=\"x\"}' for an existing 'services' entity"
  expect(errorOf(() => create('routes', { ...tcp, service: { name: 'x' } }))).toEqual({
    code: 13,
    name: 'foreign keys unresolved',
    message: `foreign key unresolved (service.name: ${cannot})`,
    fields: { service: { name: cannot } },
  })
  expect(errorOf(() => create('routes', { ...tcp, service: { id: ghost } }))).toEqual({
    code: 4,
    name: 'foreign key violation',
    message: `the foreign key '{id="${ghost}"}' does not reference an existing 'services' entity.`,
    fields: { service: { id: ghost } },
  })
  expect(
    errorOf(() => create('plugins', { name: 'sample', consumer: { id: ghost } })),
  ).toMatchObject({
    message: `the foreign key '{id="${ghost}"}' does not reference an existing 'consumers' entity.`,
  })
})

test('names and ids are unique', () => {
  const { create } = world()
  const { id } = create('services', { name: 'x', host: 'h' })
  create('services', { host: 'h' })
  create('services', { host: 'h' })
  expect(errorOf(() => create('services', { name: 'x', host: 'h' }))).toEqual({
    code: 5,
    name: 'unique constraint violation',
    message: 'UNIQUE violation detected on \'{name="x"}\'',
    fields: { name: 'x' },
  })
  expect(errorOf(() => create('services', { id, host: 'h' }))).toMatchObject({
    code: 3,
    message: `primary key violation on key '{id="${String(id)}"}'`,
  })
})

test('a plugin is unique per name, route, service and consumer, nulls included', () => {
  const { create } = world()
  const service = { id: create('services', { host: 'h' })['id'] }
  create('plugins', { name: 'sample' })
  create('plugins', { name: 'sample', service })
  expect(errorOf(() => create('plugins', { name: 'sample', service }))).toMatchObject({
    code: 5,
    message: `UNIQUE violation detected on '{consumer=null,name="sample",route=null,service={id="${String(service.id)}"}}'`,
    fields: { consumer: null, name: 'sample', route: null, service },
  })
  expect(errorOf(() => create('plugins', { name: 'sample' }))).toMatchObject({ code: 5 })
})

test('a plugin agrees with the protocols of what it is on', () => {
  const { create } = world()
  const service = { id: create('services', { host: 'h' })['id'] }
  expect(create('plugins', { name: 'sample', service })).toMatchObject({
    protocols: ['tcp', 'tls'],
  })
  const route = {
    id: create('routes', { protocols: ['tls_passthrough'], snis: ['a'], service })['id'],
  }
  expect(errorOf(() => create('plugins', { name: 'sample', route }))).toMatchObject({
    code: 2,
    fields: { protocols: "must match the associated route's protocols" },
  })
  expect(
    errorOf(() => create('plugins', { name: 'passer', protocols: ['tcp'], service })),
  ).toMatchObject({
    fields: {
      protocols: "must match the protocols of at least one route pointing to this Plugin's service",
    },
  })
  expect(create('plugins', { name: 'passer', route })).toMatchObject({
    protocols: ['tls_passthrough'],
  })
})

test('PUT by id keeps the id, by name makes one, and restores defaults', () => {
  const { create, replace, set } = world()
  expect(replace('services', ghost, { host: 'a' })).toMatchObject({ id: ghost, name: null })
  const made = replace('services', 'n', { host: 'a', retries: 1, name: 'other' })
  expect(made).toMatchObject({ name: 'n', retries: 1 })
  expect(replace('services', 'n', { host: 'b' })).toMatchObject({ id: made['id'], retries: 5 })
  expect(create('services', { host: 'c' })['id']).not.toBe(made['id'])
  expect(set.count('services')).toBe(3)
  expect(errorOf(() => replace('ca_certificates', 'n', { cert: authority }))).toMatchObject({
    code: 1,
    message: 'invalid primary key: \'{id="expected a valid UUID"}\'',
  })
})

test('PATCH merges records, replaces lists, and null clears', () => {
  const { create, patch } = world()
  const config = { second: 1, allow: ['10.0.0.1'], nested: { host: 'h', port: 1 } }
  const { id } = create('plugins', { name: 'sample', config })
  const changed = { nested: { port: 2 }, second: null, allow: ['10.0.0.2', '10.0.0.3'] }
  expect(patch('plugins', String(id), { config: changed })['config']).toMatchObject({
    nested: { host: 'h', port: 2 },
    second: null,
    allow: ['10.0.0.2', '10.0.0.3'],
  })
  const service = create('services', { host: 'h', name: 's', tags: ['a'] })
  const url = { url: 'tcp://10.0.0.1:5432', tags: null }
  expect(patch('services', 's', url)).toEqual({
    ...service,
    protocol: 'tcp',
    host: '10.0.0.1',
    port: 5432,
    tags: null,
  })
  expect(errorOf(() => patch('services', 's', { host: null }))).toMatchObject({ code: 2 })
  expect(errorOf(() => patch('services', 'nobody', {}))).toMatchObject({
    code: 6,
    message: 'could not find the entity with \'{name="nobody"}\'',
  })
})

test('a service with routes stays; its plugins go with it', () => {
  const { create, remove, set } = world()
  const service = { id: create('services', { name: 's', host: 'h' })['id'] }
  create('routes', { ...tcp, name: 'r', service })
  create('plugins', { name: 'sample', service })
  create('plugins', { name: 'sample', route: { name: 'r' }, service })
  expect(errorOf(() => remove('services', 's'))).toEqual({
    code: 4,
    name: 'foreign key violation',
    message: "an existing 'routes' entity references this 'services' entity",
    fields: { '@referenced_by': 'routes' },
  })
  expect(remove('routes', 'r')).toBe(true)
  expect(set.count('plugins')).toBe(1)
  expect(remove('services', 's')).toBe(true)
  expect(set.count('plugins')).toBe(0)
  expect(remove('services', 's')).toBe(false)
})

test('certificates in use stay: client certificates by code 4, CA certificates by code 19', () => {
  const { create, remove } = world()
  const { id: certificate } = create('certificates', { cert: ecCert, key: ecKey })
  const { id: ca } = create('ca_certificates', { cert: authority })
  const { id } = create('services', {
    url: 'tls://h:1',
    client_certificate: { id: certificate },
    ca_certificates: [ca],
  })
  expect(errorOf(() => remove('certificates', String(certificate)))).toMatchObject({ code: 4 })
  expect(errorOf(() => remove('ca_certificates', String(ca)))).toMatchObject({
    code: 19,
    message: `ca certificate ${String(ca)} is still referenced by services (id = ${String(id)})`,
  })
})

test('a CA certificate is unique by its digest', () => {
  const { create } = world()
  create('ca_certificates', { cert: authority })
  expect(errorOf(() => create('ca_certificates', { cert: authority }))).toMatchObject({
    code: 5,
    message: expect.stringMatching(
      /^UNIQUE violation detected on '\{cert_digest="[0-9a-f]{64}"\}'$/,
    ),
  })
})

test('the SNIs of a certificate are written and read as a list', () => {
  const { create, patch, replace, remove, set, context } = world()
  const rsa = { cert: rsaCert, key: rsaKey }
  const first = create('certificates', { ...rsa, snis: ['b.test', 'a.test'] })
  const id = String(first['id'])
  expect(first['snis']).toEqual(['a.test', 'b.test'])
  expect(patch('certificates', id, { snis: ['b.test', 'c.test'] })['snis']).toEqual([
    'b.test',
    'c.test',
  ])
  expect(set.find('snis', 'a.test')).toBeUndefined()
  expect(patch('certificates', id, { tags: ['t'] })['snis']).toEqual(['b.test', 'c.test'])
  const row = set.get('certificates', id)
  expect(row && present(set, context, 'certificates', row)['snis']).toEqual(['b.test', 'c.test'])
  expect(row).not.toHaveProperty('snis')
  const refusal = (snis: unknown) =>
    errorOf(() => create('certificates', { ...rsa, snis }))?.['message']
  expect(refusal(['x', 'x'])).toBe('schema violation (snis: x is duplicated)')
  expect(refusal(['c.test'])).toBe(
    `schema violation (snis: c.test already associated with existing certificate '${id}')`,
  )
  expect(refusal(5)).toBe('schema violation (snis: expected an array)')
  expect(patch('certificates', id, { snis: 'c.test' })['snis']).toEqual(['c.test'])
  expect(replace('certificates', id, rsa)['snis']).toEqual([])
  expect(refusal(['10.0.0.1'])).toBe('schema violation (snis.1: must not be an IP)')
  expect(remove('certificates', id)).toBe(true)
  expect(set.count('snis')).toBe(0)
})

test('several faults make one message: the entity first, then the fields sorted', () => {
  const { create } = world()
  const body = { host: 'h', protocol: 'tcp', path: '/', ports: 1, retries: -1 }
  expect(errorOf(() => create('services', body))?.['message']).toBe(
    "4 schema violations (failed conditional validation given value of field 'protocol'; " +
      'path: value must be null; ports: unknown field; retries: value should be between 0 and 32767)',
  )
})

test('a merge takes references and maps whole and leaves its arguments alone', () => {
  const record = { type: 'object', properties: { x: {}, y: {}, id: {}, name: {} } } as const
  const schema = { type: 'object', properties: { a: record, ref: record, map: {} } } as const
  const before = { a: { x: 1, y: 2 }, ref: { id: '1' }, map: { k: 1 } }
  const patch = { a: { y: 3 }, ref: { name: 'n' }, map: { l: 2 } }
  expect(merge(schema, before, patch, ['ref'])).toEqual({
    a: { x: 1, y: 3 },
    ref: { name: 'n' },
    map: { l: 2 },
  })
  expect(before).toEqual({ a: { x: 1, y: 2 }, ref: { id: '1' }, map: { k: 1 } })
})

test('a draft may refer to what the same plan creates', () => {
  const { set, context } = world()
  const body = { id: context.uuid(), name: 'a.test', certificate: { id: ghost } }
  const draft = { definition: definitions.snis, body }
  expect(errorOf(() => draftRow(set, context, draft))).toMatchObject({ code: 4 })
  expect(draftRow(set, context, { ...draft, pending: [ghost] })).toMatchObject(body)
})

test('a long list of keys is planned in linear time', () => {
  const { create, patch } = world()
  const snis = Array.from({ length: 20_000 }, (_, index) => `n${index}.test`)
  const { id } = create('certificates', { cert: ecCert, key: ecKey, snis })
  expect(patch('certificates', String(id), { snis: snis.slice(1) })['snis']).toHaveLength(19_999)
})
