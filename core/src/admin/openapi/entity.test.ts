import { expect, test } from 'vitest'
import { definitions } from '../../entities/definitions/index.ts'
import { testContext } from '../../entities/world.fixture.ts'
import { entityComponents, entityInput } from './entity.ts'

const context = testContext()

test('a service is served whole, made of little and changed by less', () => {
  const { Service, ServiceInput, ServiceChange, ServicePage } = entityComponents(
    definitions.services,
    context,
  )
  expect(Service).toMatchObject({
    required: expect.arrayContaining(['id', 'name', 'host', 'retries']),
    properties: {
      host: { type: 'string' },
      retries: { type: ['integer', 'null'], minimum: 0, maximum: 32_767 },
      protocol: { enum: expect.arrayContaining(['tcp', 'tls']) },
    },
  })
  expect(ServiceInput).toMatchObject({
    anyOf: [{ required: ['host'] }, { required: ['url'] }],
    properties: {
      url: { writeOnly: true },
      id: { type: ['string', 'null'] },
      client_certificate: { properties: { id: { format: 'uuid' } }, minProperties: 1 },
    },
  })
  expect(ServiceChange).not.toHaveProperty('required')
  expect(ServiceChange).not.toHaveProperty('anyOf')
  expect(ServicePage).toMatchObject({
    properties: { data: { items: { $ref: '#/components/schemas/Service' } } },
  })
})

test('a reference is written by id or by key, and a list that is owned beside the fields', () => {
  const { RouteInput } = entityComponents(definitions.routes, context)
  expect(RouteInput).toMatchObject({
    properties: { service: { properties: { id: {}, name: {} }, type: ['object', 'null'] } },
  })
  const { Certificate, CertificateInput } = entityComponents(definitions.certificates, context)
  expect(Certificate).toMatchObject({ properties: { snis: { type: 'array' } } })
  expect(CertificateInput).toMatchObject({ required: ['cert', 'key'] })
})

test('a plugin is one of those that are loaded, told by its name', () => {
  const components = entityComponents(definitions.plugins, context)
  expect(components['Plugin']).toEqual({
    oneOf: [
      { $ref: '#/components/schemas/Plugin.sample' },
      { $ref: '#/components/schemas/Plugin.passer' },
    ],
    discriminator: {
      propertyName: 'name',
      mapping: {
        sample: '#/components/schemas/Plugin.sample',
        passer: '#/components/schemas/Plugin.passer',
      },
    },
  })
  expect(components['PluginInput.sample']).toMatchObject({
    required: ['name'],
    properties: {
      name: { const: 'sample' },
      config: { anyOf: [{ $ref: '#/components/schemas/PluginConfigInput.sample' }, {}] },
    },
  })
  expect(components['PluginConfigInput.sample']).toMatchObject({
    properties: { by: { enum: ['ip', 'route', null], default: 'ip' } },
    additionalProperties: false,
  })
})

test('what the path says nobody has to write', () => {
  expect(entityInput(definitions.services, ['name'])).toEqual({
    $ref: '#/components/schemas/ServiceInput',
  })
  expect(entityInput(definitions.snis, ['certificate'])).toMatchObject({ required: ['name'] })
  expect(entityInput(definitions.upstreams, ['name'])).not.toHaveProperty('required')
})
