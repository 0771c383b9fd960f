import { expect, test } from 'vitest'
import { startGateway } from '../support/gateway.ts'
import { hold, notAllowed, notFound, refusals, send } from './hold.ts'
import type { Case } from './hold.ts'

const id = '11111111-1111-4111-8111-111111111111'
const tcp = { protocols: ['tcp'], sources: [{ port: 1 }] }
const stream = "'tcp', 'tls', 'tls_passthrough' or 'udp'"

const made: readonly Case[] = [
  ['a service to route to', 'PUT /services/s', { host: 'h' }, 200, {}],
  ['a second one', 'PUT /services/t', { host: 'h' }, 200, {}],
  [
    'an address has both parts in the answer',
    'POST /routes',
    { protocols: ['tcp'], sources: [{ ip: '10.0.0.0/8' }], destinations: [{ port: 5432 }] },
    201,
    { sources: [{ ip: '10.0.0.0/8', port: null }], destinations: [{ ip: null, port: 5432 }] },
  ],
  [
    'HTTP fields have their defaults on a stream route',
    'POST /routes',
    tcp,
    201,
    { strip_path: true, preserve_host: false, https_redirect_status_code: 426, paths: null },
  ],
  [
    'an HTTP route is kept as it is',
    'POST /routes',
    { hosts: ['a.test'], headers: { location: ['x'] }, methods: ['GET'] },
    201,
    { protocols: ['http', 'https'], hosts: ['a.test'], headers: { location: ['x'] } },
  ],
  ['a service by its name', 'POST /routes', { ...tcp, name: 'r', service: { name: 's' } }, 201, {}],
  ['a route by a URL', `PUT /routes/${id}`, { ...tcp, service: null }, 200, { id, service: null }],
  [
    'protocols of one family',
    'POST /routes',
    { ...tcp, protocols: ['tcp', 'tls', 'udp'] },
    201,
    {},
  ],
]

/** Forms by which a route is created, and what it has then. */
const forms: readonly (readonly [rule: string, form: string, answer: object])[] = [
  [
    'repeated names',
    'protocols=tcp&protocols=udp&sources[1].port=1',
    { protocols: ['tcp', 'udp'] },
  ],
  ['empty brackets', 'protocols[]=tls&snis[]=a&snis[]=b', { snis: ['a', 'b'] }],
  [
    'positions',
    'protocols[2]=udp&protocols[1]=tcp&sources[1].port=1',
    { protocols: ['tcp', 'udp'] },
  ],
  ['nested brackets', 'protocols=tcp&sources[1][ip]=1.2.3.4', { sources: [{ ip: '1.2.3.4' }] }],
  ['escaped brackets', 'protocols%5B%5D=tcp&sources%5B1%5D.port=1', { protocols: ['tcp'] }],
  ['a dot in brackets is part of a name', 'headers[x.a]=1', { headers: { 'x.a': ['1'] } }],
  [
    'truth and numbers',
    'hosts=a&preserve_host=true&regex_priority=7',
    { preserve_host: true, regex_priority: 7 },
  ],
  ['a reference', 'hosts=a&service.name=s', { hosts: ['a'] }],
  ['plus is a space', 'hosts=a&tags=b+c', { tags: ['b c'] }],
]

const refused = refusals('POST /routes', [
  [
    'tcp without an address',
    { protocols: ['tcp'] },
    "must set one of 'sources', 'destinations', 'snis' when 'protocols' is 'tcp', 'tls' or 'udp'",
  ],
  [
    'tls_passthrough without SNI',
    { protocols: ['tls_passthrough'] },
    "must set snis when 'protocols' is 'tls_passthrough'",
  ],
  [
    'plain tcp with an SNI',
    { ...tcp, snis: ['a'] },
    "'snis' can only be set when 'protocols' is 'grpcs', 'https', 'tls' or 'tls_passthrough'",
    'snis: length must be 0',
  ],
  [
    'two families',
    { protocols: ['tls', 'tls_passthrough'], snis: ['a'] },
    "protocols: these sets are mutually exclusive: ('tcp', 'tls', 'udp'), ('tls_passthrough')",
  ],
  [
    'paths on tcp',
    { ...tcp, paths: ['/'] },
    `paths: cannot set 'paths' when 'protocols' is ${stream}`,
  ],
  [
    'sources on http',
    { hosts: ['a'], sources: [{ port: 1 }] },
    "sources: cannot set 'sources' when 'protocols' is 'http' or 'https'",
  ],
  [
    'http without a matcher',
    { protocols: ['http'] },
    "must set one of 'methods', 'hosts', 'headers', 'paths' when 'protocols' is 'http'",
  ],
  [
    'a wildcard inside an SNI',
    { protocols: ['tls'], snis: ['a.*.b'] },
    'snis.1: wildcard must be leftmost or rightmost character',
  ],
  ['an IP as an SNI', { protocols: ['tls'], snis: ['1.2.3.4'] }, 'snis.1: must not be an IP'],
  [
    'an unknown protocol',
    { protocols: ['foo', 'http'], hosts: ['a'] },
    'protocols.1: expected one of: grpc, grpcs, http, https, tcp, tls, tls_passthrough, udp',
  ],
  ['a field of another router', { ...tcp, expression: 'x' }, 'expression: unknown field'],
  [
    'a path without a slash',
    { paths: ['foo'] },
    'paths.1: should start with: / (fixed path) or ~/ (regex path)',
  ],
  ['an id that is none', { ...tcp, service: { id: 'x' } }, 'service.id: expected a valid UUID'],
])

const unresolved = `the foreign key cannot be resolved with '{name="x"}' for an existing 'services' entity`

const below: readonly Case[] = [
  ['a route below its service', 'POST /services/s/routes', { ...tcp, name: 'below' }, 201, {}],
  ['it is found there', 'GET /services/s/routes/below', undefined, 200, { name: 'below' }],
  ['not below another', 'GET /services/t/routes/below', undefined, 404, notFound],
  ['PUT below makes it', 'PUT /services/s/routes/put', tcp, 200, { name: 'put' }],
  ['no parent, no list', 'GET /services/nope/routes', undefined, 404, notFound],
  ['no parent, no child', 'POST /services/nope/routes', tcp, 404, notFound],
  ['the service of a route', 'GET /routes/below/service', undefined, 200, { name: 's' }],
  [
    'it is changed from there',
    'PATCH /routes/below/service',
    'url=http://e.test:7/p',
    200,
    { name: 's', port: 7 },
  ],
  ['it is not deleted from there', 'DELETE /routes/below/service', undefined, 405, notAllowed],
  ['a route without one has none', `GET /routes/${id}/service`, undefined, 404, notFound],
  [
    'a service with routes stays',
    'DELETE /services/s',
    undefined,
    400,
    {
      code: 4,
      name: 'foreign key violation',
      message: "an existing 'routes' entity references this 'services' entity",
      fields: { '@referenced_by': 'routes' },
    },
  ],
  [
    'an unknown name of a service',
    'POST /routes',
    { ...tcp, service: { name: 'x' } },
    400,
    {
      code: 13,
      name: 'foreign keys unresolved',
      message: `foreign key unresolved (service.name: ${unresolved})`,
      fields: { service: { name: unresolved } },
    },
  ],
  ['null sets a route free', 'PATCH /routes/below', { service: null }, 200, { service: null }],
]

test('routes keep to the contract, and what is refused leaves nothing behind', async () => {
  const gateway = await startGateway()
  const written = forms.map(([rule, form, answer]): Case => [
    `form: ${rule}`,
    'POST /routes',
    form,
    201,
    answer,
  ])
  await hold(gateway, [...made, ...written])
  const before = await send(gateway, 'GET /routes', undefined)
  await hold(gateway, refused)
  expect(await send(gateway, 'GET /routes', undefined)).toEqual(before)
  await hold(gateway, below)
})
