import { expect, test } from 'vitest'
import type { Fields } from '../entities/fields.ts'
import { declaredWorld } from './declare.fixture.ts'

const world = declaredWorld()
const refuse = (document: Fields) => world.refuse(document)
const id = 'cb019421-62c2-47a8-b714-d7567b114037'

test('every entity at fault stands by itself, without what is nested in it', () => {
  const inner = { name: 'deep', protocols: ['tcp'], tags: ['t'] }
  const route = { name: 'fine', protocols: ['tcp'], sources: [{ port: 1 }] }
  const service = { name: 'a', host: 'h', protocol: 'nope', port: 'x' }
  const error = refuse({
    abnormal: 1,
    services: [
      { ...service, routes: [route, inner] },
      { name: 'b', host: 'h' },
    ],
  })
  const { fields, flattened_errors: flattened, message } = error.flattenedBody()
  expect(fields).toEqual({ abnormal: 'unknown field' })
  expect(message).toBe('declarative config is invalid: {abnormal="unknown field"}')
  expect(flattened).toEqual([
    {
      entity_type: 'service',
      entity_name: 'a',
      entity: service,
      errors: [
        {
          type: 'field',
          field: 'protocol',
          message: 'expected one of: grpc, grpcs, http, https, tcp, tls, tls_passthrough, udp',
        },
        { type: 'field', field: 'port', message: 'expected an integer' },
      ],
    },
    {
      entity_type: 'route',
      entity_name: 'deep',
      entity_tags: ['t'],
      entity: inner,
      errors: [{ type: 'entity', message: expect.stringMatching(/^must set one of 'sources'/) }],
    },
  ])
})

test('fields within fields are paths', () => {
  const [flat] = flattenedOf({
    plugins: [{ name: 'sample', config: { nested: { port: 'x' }, allow: ['1.1.1.1', 'y'] } }],
  })
  expect(flat?.['errors']).toEqual(
    expect.arrayContaining([
      { type: 'field', field: 'config.nested.port', message: expect.any(String) },
      { type: 'field', field: 'config.allow.2', message: expect.any(String) },
    ]),
  )
})

test('an id that was written is kept, also as that of the parent', () => {
  const flat = flattenedOf({
    services: [{ id, name: 'a', host: 'h', port: 'x', routes: [{ wrong: 1, protocols: ['tcp'] }] }],
  })
  expect(
    flat.map(({ entity_type, entity_id, entity }) => [entity_type, entity_id, entity]),
  ).toEqual([
    ['service', id, { id, name: 'a', host: 'h', port: 'x' }],
    ['route', undefined, { wrong: 1, protocols: ['tcp'], service: { id } }],
  ])
})

test('labels that are malformed are left out, and the entity stays as it is', () => {
  const service = { id: 1234, name: false, tags: ['a', [1.5]], host: 'h' }
  const [flat] = flattenedOf({ services: [service] })
  expect(flat).toEqual({ entity_type: 'service', entity: service, errors: expect.any(Array) })
})

test('a certificate that is written where a reference stands is an entity of its own', () => {
  const certificate = { cert: '', key: '', tags: ['c'] }
  const flat = flattenedOf({
    services: [{ name: 'a', url: 'https://h', client_certificate: certificate }],
  })
  expect(flat).toEqual([
    {
      entity_type: 'certificate',
      entity_tags: ['c'],
      entity: certificate,
      errors: [
        { type: 'field', field: 'cert', message: 'length must be at least 1' },
        { type: 'field', field: 'key', message: 'length must be at least 1' },
      ],
    },
  ])
})

test('a twin is named by its id, derived or not', () => {
  const error = refuse({ consumers: [{ username: 'u' }, { id, username: 'u', tags: ['second'] }] })
  expect(error.flattenedBody()).toMatchObject({
    fields: {},
    message: 'declarative config is invalid: {}',
    flattened_errors: [
      {
        entity_type: 'consumer',
        entity_id: id,
        entity_tags: ['second'],
        entity: { id, username: 'u', tags: ['second'] },
        errors: [
          {
            type: 'entity',
            message:
              "uniqueness violation: 'consumers' entity with username set to 'u' already declared",
          },
        ],
      },
    ],
  })
})

test('a reference to nothing is a fault of its field', () => {
  const [flat] = flattenedOf({
    routes: [{ name: 'r', protocols: ['tcp'], sources: [{ port: 1 }], service: 'x' }],
  })
  expect(flat?.['errors']).toEqual([
    {
      type: 'field',
      field: 'service',
      message: "invalid reference 'service: x' (no such entry in 'services')",
    },
  ])
})

test('what cannot be read at all belongs to no entity', () => {
  expect(refuse({ services: 7 }).flattenedBody()).toMatchObject({
    fields: { services: 'expected an array' },
    flattened_errors: [],
  })
})

function flattenedOf(document: Record<string, unknown>): readonly Record<string, unknown>[] {
  const { flattened_errors: flattened } = refuse(document).flattenedBody()
  return flattened as readonly Record<string, unknown>[]
}
