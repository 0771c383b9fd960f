import { expect, test } from 'vitest'
import { errorOf, world } from './plan.fixture.ts'

const route = { protocols: ['tcp'], sources: [{ port: 1 }] }

function made() {
  const all = world()
  const service = all.create('services', { name: 's', host: 'h' })
  return {
    ...all,
    service,
    route: (written: unknown) => all.create('routes', { ...route, service: written }),
  }
}

test('the whole entity may be sent where its id is enough', () => {
  const { service, route: make } = made()
  expect(make(service)).toMatchObject({ service: { id: service['id'] } })
  const { create } = world()
  expect(create('routes', route)).toMatchObject({ service: null })
})

test('with an id that is right nothing else counts', () => {
  const { service, route: make } = made()
  const { id } = service
  expect(make({ id, more: 1, protocol: 'x' })).toMatchObject({ service: { id } })
})

test('without one its fields are checked as those of that entity', () => {
  const { service, route: make } = made()
  const faulty = { ...service, id: undefined, protocol: 'x', retries: -1, more: 1 }
  expect(errorOf(() => make(faulty))).toMatchObject({
    code: 2,
    fields: {
      service: {
        protocol: 'expected one of: grpc, grpcs, http, https, tcp, tls, tls_passthrough, udp',
        retries: 'value should be between 0 and 32767',
        more: 'unknown field',
      },
    },
  })
})

test.each([
  [{}, { id: 'missing primary key' }],
  [{ name: null }, { id: 'missing primary key' }],
  [{ protocol: 'tcp' }, { id: 'missing primary key' }],
  [{ id: null }, { id: 'required field missing' }],
  [{ id: 'x' }, { id: 'expected a valid UUID' }],
  [{ id: 5 }, { id: 'expected a string' }],
  ['s', { id: 'missing primary key' }],
  [5, { id: 'missing primary key' }],
])('%j is no reference', (written, fault) => {
  const { route: make } = made()
  expect(errorOf(() => make(written))).toMatchObject({ code: 2, fields: { service: fault } })
})

test('null clears; where it is required it is missing', () => {
  const { route: make, create } = made()
  expect(make(null)).toMatchObject({ service: null })
  expect(errorOf(() => create('targets', { target: 'a', upstream: null }))).toMatchObject({
    fields: { upstream: 'required field missing' },
  })
})
