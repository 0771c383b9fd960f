import { expect, test } from 'vitest'
import { startGateway } from '../support/gateway.ts'
import { hold, notAllowed, notFound, send, violation, refusals } from './hold.ts'
import type { Case } from './hold.ts'

const id = '11111111-1111-4111-8111-111111111111'
const nobody = '22222222-2222-4222-8222-222222222222'
const conditional = "failed conditional validation given value of field 'protocol'"
const protocols = 'grpc, grpcs, http, https, tcp, tls, tls_passthrough, udp'
const seconds = 60_000

const life: readonly Case[] = [
  [
    'a service needs a host and nothing else',
    'POST /services',
    { id, host: 'h' },
    201,
    { id, protocol: 'http', port: 80, retries: 5, connect_timeout: seconds, enabled: true },
  ],
  [
    'an id is used once',
    'POST /services',
    { id, host: 'h' },
    400,
    { code: 3, message: `primary key violation on key '{id="${id}"}'`, fields: { id } },
  ],
  ['a form is typed by the schema', 'POST /services', 'name=f&host=h&port=81', 201, { port: 81 }],
  [
    'a name is used once, whoever asks',
    'POST /services',
    { name: 'f', host: 'h' },
    409,
    { code: 5, message: `UNIQUE violation detected on '{name="f"}'`, fields: { name: 'f' } },
  ],
  ['… also by PATCH', `PATCH /services/${id}`, { name: 'f' }, 409, { code: 5 }],
  ['… also by PUT', `PUT /services/${id}`, { name: 'f', host: 'h' }, 409, { code: 5 }],
  ['PATCH leaves what it does not name', 'PATCH /services/f', { retries: 7 }, 200, { port: 81 }],
  ['PUT resets what it does not name', 'PUT /services/f', { host: 'h' }, 200, { port: 80 }],
  ['PUT by a name makes it', 'PUT /services/new', { host: 'h' }, 200, { name: 'new' }],
  ['the name in the URL wins', 'PUT /services/new', { name: 'x', host: 'h' }, 200, { name: 'new' }],
  ['a name may be any UTF-8 letter', 'PUT /services/%E5%86%86', 'host=h', 200, { name: '円' }],
  ['… and finds the service', 'GET /services/%E5%86%86', undefined, 200, { name: '円' }],
  ['a final slash changes nothing', 'GET /services/new/', undefined, 200, { name: 'new' }],
  ['null clears', `PATCH /services/${id}`, { tags: null, retries: null }, 200, { retries: null }],
  ['an empty set stays one', `PATCH /services/${id}`, { tags: [] }, 200, { tags: [] }],
  ['a set has each once', `PATCH /services/${id}`, { tags: ['x', 'x'] }, 200, { tags: ['x'] }],
  ['an empty text of a form is null', `PATCH /services/${id}`, 'tags=', 200, { tags: null }],
  ['what is not there is 404', `GET /services/${nobody}`, undefined, 404, notFound],
  ['… by its name too', 'GET /services/nobody', undefined, 404, notFound],
  ['… also for PATCH', 'PATCH /services/nobody', { retries: 1 }, 404, {}],
  ['DELETE of what is not there is done', 'DELETE /services/nobody', undefined, 204],
  ['DELETE by name', 'DELETE /services/new', undefined, 204],
  ['a list is not replaced', 'PUT /services', {}, 405, notAllowed],
  ['… nor deleted', 'DELETE /services', undefined, 405, notAllowed],
  ['nothing is created below an item', 'POST /services/f', {}, 405, notAllowed],
]

const urls: readonly Case[] = [
  [
    'an http url',
    'POST /services',
    { url: 'http://h/' },
    201,
    { protocol: 'http', host: 'h', port: 80, path: '/' },
  ],
  ['https has its port', 'POST /services', { url: 'https://h' }, 201, { port: 443, path: null }],
  [
    'a url of TCP',
    'POST /services',
    'url=tcp://1.2.3.4:5432',
    201,
    { protocol: 'tcp', host: '1.2.3.4', port: 5432 },
  ],
  [
    'other schemes get port 80',
    'POST /services',
    'url=tls://h',
    201,
    { protocol: 'tls', port: 80 },
  ],
]

const refused = refusals('POST /services', [
  ['nothing', {}, 'host: required field missing'],
  ['no url', { url: 'a b' }, 'host: required field missing', 'path: should start with: /'],
  ['a port in the host', { host: 'h:1' }, 'host: must not have a port'],
  ['no host name', { host: 'a;b' }, 'host: invalid value: a;b'],
  ['a protocol', { host: 'h', protocol: 'x' }, `protocol: expected one of: ${protocols}`],
  ['a port', { host: 'h', port: 65_536 }, 'port: value should be between 0 and 65535'],
  [
    'a zero timeout',
    { host: 'h', read_timeout: 0 },
    'read_timeout: value should be between 1 and 2147483646',
  ],
  ['a text as a number', { host: 'h', port: '80' }, 'port: expected an integer'],
  [
    'two faults, sorted',
    { port: 'x', host: 5 },
    'host: expected a string',
    'port: expected an integer',
  ],
  ['an unknown field', { host: 'h', foo: {} }, 'foo: unknown field'],
  [
    'a path on tcp',
    { host: 'h', protocol: 'tcp', path: '/' },
    conditional,
    'path: value must be null',
  ],
  [
    'TLS on tcp',
    { host: 'h', protocol: 'tcp', tls_verify: true },
    conditional,
    'tls_verify: value must be null',
  ],
  ['an element of a set', { host: 'h', tags: [1] }, 'tags.1: expected a string'],
])

const references: readonly Case[] = [
  ['an empty url is none', 'POST /services', { url: '' }, 400, { code: 2 }],
  [
    'a reference names what is there',
    'POST /services',
    { host: 'h', protocol: 'tls', client_certificate: { id: nobody } },
    400,
    {
      code: 4,
      message: `the foreign key '{id="${nobody}"}' does not reference an existing 'certificates' entity.`,
      fields: { client_certificate: { id: nobody } },
    },
  ],
  [
    'a schema can be asked first',
    'POST /schemas/services/validate',
    { host: 'h' },
    200,
    {
      message: 'schema validation successful',
    },
  ],
  [
    '… and says what it would say',
    'POST /schemas/services/validate',
    {},
    400,
    violation('host: required field missing'),
  ],
]

test('services keep to the contract', async () => {
  const gateway = await startGateway()
  await hold(gateway, [...life, ...urls, ...refused, ...references])
  const { body } = await send(gateway, 'GET /services?size=1', undefined)
  expect((await send(gateway, `GET /services/${body.data[0].id}`, undefined)).body).toEqual(
    body.data[0],
  )
})
