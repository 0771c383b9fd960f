import { expect, test } from 'vitest'
import { create, refused } from '../plan.fixture.ts'
import type { Body } from '../plan.fixture.ts'
import { testTime } from '../world.fixture.ts'
import { alternatives } from './common.ts'
import { definitions, isEntityName, referrersOf } from './index.ts'

const conditional = "failed conditional validation given value of field 'protocol'"
const stamps = { created_at: testTime, updated_at: testTime, tags: null }

test('a service is complete: defaults, and null for what is absent', () => {
  expect(create('services', { host: 'db.test' })).toEqual({
    ...stamps,
    id: '00000000-0000-4000-8000-000000000001',
    name: null,
    protocol: 'http',
    host: 'db.test',
    port: 80,
    path: null,
    retries: 5,
    connect_timeout: 60000,
    write_timeout: 60000,
    read_timeout: 60000,
    client_certificate: null,
    tls_verify: null,
    tls_verify_depth: null,
    ca_certificates: null,
    enabled: true,
  })
})

test('a route is complete, with the fields that mean something only to HTTP', () => {
  expect(create('routes', { protocols: ['tcp'], sources: [{ port: 5432 }] })).toEqual({
    ...stamps,
    id: '00000000-0000-4000-8000-000000000001',
    name: null,
    protocols: ['tcp'],
    sources: [{ ip: null, port: 5432 }],
    destinations: null,
    snis: null,
    service: null,
    preserve_host: false,
    methods: null,
    hosts: null,
    paths: null,
    headers: null,
    strip_path: true,
    request_buffering: true,
    response_buffering: true,
    https_redirect_status_code: 426,
    regex_priority: 0,
    path_handling: 'v0',
  })
})

const service = { host: 'h', protocol: 'tcp' }
test.each<[Body, Body]>([
  [{}, { host: 'required field missing' }],
  [{ host: null }, { host: 'required field missing' }],
  [{ host: 'h', protocol: null }, { protocol: 'required field missing' }],
  [{ host: 'h', name: '' }, { name: 'length must be at least 1' }],
  [{ host: 'h', name: 5 }, { name: 'expected a string' }],
  [
    { host: 'h', name: 'a b' },
    {
      name: "invalid value 'a b': the only accepted ascii characters are alphanumerics or ., -, _, and ~",
    },
  ],
  [
    { host: 'h', name: 'a\ud800' },
    { name: 'invalid utf-8 character sequence detected at position 2' },
  ],
  [{ host: 'h:80' }, { host: 'must not have a port' }],
  [{ host: 'a b' }, { host: 'invalid value: a b' }],
  [
    { host: 'h', protocol: 'smtp' },
    { protocol: 'expected one of: grpc, grpcs, http, https, tcp, tls, tls_passthrough, udp' },
  ],
  [{ host: 'h', port: 65536 }, { port: 'value should be between 0 and 65535' }],
  [{ host: 'h', port: '80' }, { port: 'expected an integer' }],
  [{ host: 'h', port: 1.5 }, { port: 'expected an integer' }],
  [{ host: 'h', retries: 32768 }, { retries: 'value should be between 0 and 32767' }],
  [{ host: 'h', read_timeout: 0 }, { read_timeout: 'value should be between 1 and 2147483646' }],
  [{ host: 'h', path: 'x' }, { path: 'should start with: /' }],
  [{ host: 'h', enabled: 'yes' }, { enabled: 'expected a boolean' }],
  [{ host: 'h', tags: 'x' }, { tags: 'expected a set' }],
  [
    { host: 'h', tags: ['ok', 'a,b'] },
    {
      tags: {
        2: "invalid tag 'a,b': expected printable ascii (except `,` and `/`) or valid utf-8 sequences",
      },
    },
  ],
  [{ host: 'h', toString: 1 }, { toString: 'unknown field' }],
  [{ host: 'h', id: 'x' }, { id: 'expected a valid UUID' }],
  [{ host: 'h', url: 5 }, { url: 'expected a string' }],
  [
    { ...service, path: '/x' },
    { path: 'value must be null', '@entity': [conditional] },
  ],
  [
    { ...service, tls_verify: false, tls_verify_depth: 1 },
    {
      tls_verify: 'value must be null',
      tls_verify_depth: 'value must be null',
      '@entity': [conditional, conditional],
    },
  ],
  [
    { host: 'h', protocol: 'tls', tls_verify_depth: 65 },
    { tls_verify_depth: 'value should be between 0 and 64' },
  ],
  [
    { host: 'h', protocol: 'tls', ca_certificates: ['x'] },
    { ca_certificates: { 1: 'expected a valid UUID' } },
  ],
  [
    { host: 'h', protocol: 'tls', client_certificate: { id: 'x' } },
    { client_certificate: { id: 'expected a valid UUID' } },
  ],
])('services: %j', (body, fields) => {
  expect(refused('services', body)).toMatchObject({ code: 2, name: 'schema violation', fields })
  expect(refused('services', body)?.['fields']).toEqual(fields)
})

test.each<[unknown]>([
  ['unix:/run/x.sock'],
  ['::1'],
  ['[::1]'],
  ['10.0.0.1'],
  ['a_b.test.'],
  ['münchen.test'],
])('services take the host %s', (host) => {
  expect(create('services', { host })).toMatchObject({ host })
})

test('explicit null clears what may be null, also over a default', () => {
  expect(create('services', { host: 'h', retries: null })).toMatchObject({ retries: null })
})

const noMatcher =
  "must set one of 'sources', 'destinations', 'snis' when 'protocols' is 'tcp', 'tls' or 'udp'"
const stream = "'tcp', 'tls', 'tls_passthrough' or 'udp'"
const tcp = { protocols: ['tcp'], sources: [{ port: 1 }] }
test.each<[Body, Body]>([
  [{ protocols: [] }, { protocols: 'length must be at least 1' }],
  [{ protocols: null }, { protocols: 'required field missing' }],
  [{ protocols: ['tcp'] }, { '@entity': [noMatcher] }],
  [{ protocols: ['tls'], snis: [] }, { '@entity': [noMatcher] }],
  [
    { protocols: ['tls_passthrough'] },
    { '@entity': ["must set snis when 'protocols' is 'tls_passthrough'"] },
  ],
  [
    { protocols: ['tcp', 'tls_passthrough'], snis: ['a'] },
    { protocols: "these sets are mutually exclusive: ('tcp', 'tls', 'udp'), ('tls_passthrough')" },
  ],
  [
    { protocols: ['tcp'], snis: ['a.test'] },
    {
      snis: 'length must be 0',
      '@entity': [
        "'snis' can only be set when 'protocols' is 'grpcs', 'https', 'tls' or 'tls_passthrough'",
      ],
    },
  ],
  ...['methods', 'hosts', 'paths', 'headers'].map((name): [Body, Body] => [
    { ...tcp, [name]: name === 'headers' ? { a: ['b'] } : name === 'paths' ? ['/'] : ['GET'] },
    { [name]: `cannot set '${name}' when 'protocols' is ${stream}` },
  ]),
  [
    { paths: ['/'], sources: [{ port: 1 }] },
    { sources: "cannot set 'sources' when 'protocols' is 'http' or 'https'" },
  ],
  [
    { ...tcp, sources: [{}] },
    {
      sources: {
        1: { '@entity': ["at least one of these fields must be non-empty: 'ip', 'port'"] },
      },
    },
  ],
  [
    { ...tcp, sources: [{ ip: '10.0.0.0/33' }] },
    { sources: { 1: { ip: "invalid ip or cidr range: '10.0.0.0/33'" } } },
  ],
  [{ ...tcp, sources: [{ port: 1, x: 1 }] }, { sources: { 1: { x: 'unknown field' } } }],
  [
    { protocols: ['tls'], snis: ['a.*.b'] },
    { snis: { 1: 'wildcard must be leftmost or rightmost character' } },
  ],
  [{ protocols: ['tls'], snis: ['*.a.*'] }, { snis: { 1: 'only one wildcard must be specified' } }],
  [{ protocols: ['tls'], snis: ['10.0.0.1'] }, { snis: { 1: 'must not be an IP' } }],
  [{ protocols: ['tls'], snis: ['a.test:443'] }, { snis: { 1: 'must not have a port' } }],
  [{ protocols: ['tls'], snis: ['a b'] }, { snis: { 1: 'invalid value: a b' } }],
  [
    { ...tcp, https_redirect_status_code: 400 },
    { https_redirect_status_code: 'expected one of: 426, 301, 302, 307, 308' },
  ],
])('routes: %j', (body, fields) => {
  expect(refused('routes', body)?.['fields']).toEqual(fields)
})

test.each([
  ['*.*.test', 'invalid wildcard: must have at most one wildcard'],
  ['a.*.test', 'invalid wildcard: must be placed at leftmost or rightmost label'],
  ['*a.test', 'invalid wildcard: must be placed at leftmost or rightmost label'],
  ['/a', 'invalid value: /a'],
  ['a.test:99999', 'invalid value: a.test:99999'],
])('a route for HTTP has no host %s', (host, fault) => {
  expect(refused('routes', { hosts: [host] })?.['fields']).toEqual({ hosts: { 1: fault } })
  for (const sound of ['a.test', 'a.test:80', '*.a.test', 'a.*', 'a.*:80', '10.0.0.1']) {
    expect(create('routes', { hosts: [sound] })).toMatchObject({ hosts: [sound] })
  }
})

test('a path of an HTTP route', () => {
  expect(refused('routes', { paths: ['/a//b'] })?.['fields']).toEqual({
    paths: { 1: 'must not have empty segments' },
  })
  expect(create('routes', { paths: ['/a', '~/a//b$'] })).toMatchObject({ paths: ['/a', '~/a//b$'] })
})

test('a set loses duplicates and keeps its order', () => {
  const route = create('routes', { protocols: ['tls', 'tcp', 'tls'], snis: ['b', 'a', 'b'] })
  expect(route).toMatchObject({ protocols: ['tls', 'tcp'], snis: ['b', 'a'] })
})

test.each([['*'], ['*.a.test'], ['a.*'], ['A.test']])('routes take the SNI %s', (sni) => {
  expect(create('routes', { protocols: ['tls'], snis: [sni] })).toMatchObject({ snis: [sni] })
})

test('who refers to whom is known from both sides', () => {
  const names = referrersOf('certificates').map(({ definition, field }) => [definition.name, field])
  expect(names).toEqual([
    ['services', 'client_certificate'],
    ['upstreams', 'client_certificate'],
    ['snis', 'certificate'],
  ])
  expect(Object.keys(definitions).every(isEntityName)).toBe(true)
  expect(isEntityName('constructor')).toBe(false)
  expect(alternatives(['a', 'b', 'c'])).toBe("'a', 'b' or 'c'")
})

test('secrets of a certificate may be kept elsewhere; an authority is not secret', () => {
  const kept = { cert: '{vault://env/my-cert}', key: '{vault://env/my-key}' }
  const second = { cert_alt: '{vault://env/two/cert}', key_alt: '{vault://env/two/key}' }
  expect(create('certificates', { ...kept, ...second })).toMatchObject({ ...kept, ...second })
  expect(refused('ca_certificates', { cert: kept.cert })?.['fields']).toEqual({
    cert: 'must not be a reference',
  })
  expect(refused('certificates', { ...kept, key: '{vault://}' })?.['fields']).toMatchObject({
    key: expect.stringContaining('invalid key') as string,
  })
})
