import { expect, test } from 'vitest'
import { startGateway } from '../support/gateway.ts'
import { hold, notAllowed, notFound, send, violation } from './hold.ts'
import type { Case } from './hold.ts'

const id = '11111111-1111-4111-8111-111111111111'
const service = '22222222-2222-4222-8222-222222222222'
const deny = { name: 'ip-restriction', config: { deny: ['1.2.3.4'] } }
const tcp = { protocols: ['tcp'], sources: [{ port: 1 }] }

const cases: readonly Case[] = [
  ['a service', `PUT /services/${service}`, { name: 's', host: 'h', protocol: 'tcp' }, 200, {}],
  ['its route', 'POST /services/s/routes', { ...tcp, name: 'r' }, 201, {}],
  [
    'a plugin by a URL',
    `PUT /plugins/${id}`,
    { ...deny, service: { id: service } },
    200,
    { id, enabled: true, route: null, consumer: null },
  ],
  [
    'one of a name per place',
    'POST /services/s/plugins',
    deny,
    409,
    {
      code: 5,
      message: `UNIQUE violation detected on '{consumer=null,name="ip-restriction",route=null,service={id="${service}"}}'`,
      fields: { consumer: null, name: 'ip-restriction', route: null, service: { id: service } },
    },
  ],
  [
    'a form fills its config',
    'POST /routes/r/plugins',
    'name=ip-restriction&instance_name=i&config.deny[1]=1.1.1.1&config.deny[2]=2.2.2.2&enabled=false',
    201,
    { enabled: false, config: { deny: ['1.1.1.1', '2.2.2.2'], allow: null } },
  ],
  ['it is found by its own name', 'GET /plugins/i', undefined, 200, { instance_name: 'i' }],
  ['… below its route', 'GET /routes/r/plugins/i', undefined, 200, { instance_name: 'i' }],
  ['… and not below another parent', 'GET /services/s/plugins/i', undefined, 404, notFound],
  [
    'PATCH knows the plugin that the form does not name',
    'PATCH /plugins/i',
    'config.deny=&config.allow=127.0.0.1',
    200,
    { config: { deny: null, allow: ['127.0.0.1'] } },
  ],
  [
    'PUT by its own name keeps the id',
    'PUT /plugins/i',
    { ...deny, route: { name: 'r' } },
    200,
    { instance_name: 'i' },
  ],
  [
    'a plugin that is sent back as it was read',
    `PATCH /plugins/${id}`,
    {
      id,
      ...deny,
      service: { id: service },
      route: null,
      consumer: null,
      instance_name: null,
      tags: null,
      enabled: false,
    },
    200,
    { enabled: false },
  ],
  [
    'an unknown field',
    `PATCH /plugins/${id}`,
    { foo: 'bar' },
    400,
    violation('foo: unknown field'),
  ],
  [
    'a config that is none',
    `PATCH /plugins/${id}`,
    { config: 'bar' },
    400,
    violation('config: expected a record'),
  ],
  [
    'an unknown plugin',
    'POST /plugins',
    { name: 'x', config: { a: 1 } },
    400,
    violation("name: plugin 'x' not enabled; add it to the 'plugins' configuration property"),
  ],
  ['no name', 'POST /plugins', {}, 400, violation('name: required field missing')],
  [
    'a fault inside',
    'POST /plugins',
    { name: 'ip-restriction', config: { deny: ['x'] } },
    400,
    violation("config.deny.1: invalid ip or cidr range: 'x'"),
  ],
  [
    'protocols of its route',
    'POST /routes/r/plugins',
    { name: 'file-log', config: { path: '/dev/null' }, protocols: ['tls'] },
    400,
    violation("protocols: must match the associated route's protocols"),
  ],
  [
    'a place that is not there',
    'POST /plugins',
    { ...deny, route: { id } },
    400,
    { code: 4, fields: { route: { id } } },
  ],
  ['free of its service', `PATCH /plugins/${id}`, { service: null }, 200, { service: null }],
  ['a list has no PATCH', 'PATCH /plugins', {}, 405, notAllowed],
  ['what is not there is deleted', 'DELETE /plugins/nobody', undefined, 204],
  ['a plugin goes with its route', 'DELETE /routes/r', undefined, 204],
  ['… and is gone', 'GET /plugins/i', undefined, 404, notFound],
  [
    'a schema of no plugin',
    'GET /schemas/plugins/x',
    undefined,
    404,
    { message: "No plugin named 'x'" },
  ],
  [
    'a plugin can be tried',
    'POST /schemas/plugins/validate',
    deny,
    200,
    { message: 'schema validation successful' },
  ],
  [
    '… without a name it cannot',
    'POST /schemas/plugins/validate',
    {},
    400,
    violation('name: required field missing'),
  ],
]

test('plugins keep to the contract', async () => {
  const gateway = await startGateway()
  await hold(gateway, cases)
  const { body } = await send(gateway, 'GET /plugins/enabled', undefined)
  for (const name of body.enabled_plugins) {
    const { body: schema } = await send(gateway, `GET /schemas/plugins/${name}`, undefined)
    expect(Object.keys(Object.assign({}, ...schema.fields))).toContain('config')
    expect(schema.entity_checks).toBeInstanceOf(Array)
  }
})
