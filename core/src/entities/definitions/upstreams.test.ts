import { expect, test } from 'vitest'
import { create, errorOf, refused, world } from '../plan.fixture.ts'
import type { Body } from '../plan.fixture.ts'
import { testTime } from '../world.fixture.ts'

const name = 'pool.test'
const conditional = (field: string) =>
  `failed conditional validation given value of field '${field}'`

test('an upstream is complete, its health checks to the last field', () => {
  expect(create('upstreams', { name })).toEqual({
    id: '00000000-0000-4000-8000-000000000001',
    created_at: testTime,
    updated_at: testTime,
    tags: null,
    name,
    algorithm: 'round-robin',
    hash_on: 'none',
    hash_fallback: 'none',
    hash_on_header: null,
    hash_fallback_header: null,
    hash_on_cookie: null,
    hash_on_cookie_path: '/',
    hash_on_query_arg: null,
    hash_fallback_query_arg: null,
    hash_on_uri_capture: null,
    hash_fallback_uri_capture: null,
    slots: 10_000,
    host_header: null,
    client_certificate: null,
    use_srv_name: false,
    healthchecks: {
      active: {
        type: 'http',
        timeout: 1,
        concurrency: 10,
        http_path: '/',
        https_sni: null,
        https_verify_certificate: true,
        headers: null,
        healthy: { interval: 0, http_statuses: [200, 302], successes: 0 },
        unhealthy: {
          interval: 0,
          http_statuses: [429, 404, 500, 501, 502, 503, 504, 505],
          tcp_failures: 0,
          timeouts: 0,
          http_failures: 0,
        },
      },
      passive: {
        type: 'http',
        healthy: {
          http_statuses: [
            200, 201, 202, 203, 204, 205, 206, 207, 208, 226, 300, 301, 302, 303, 304, 305, 306,
            307, 308,
          ],
          successes: 0,
        },
        unhealthy: {
          http_statuses: [429, 500, 503],
          tcp_failures: 0,
          timeouts: 0,
          http_failures: 0,
        },
      },
      threshold: 0,
    },
  })
})

test('a part of the health checks leaves the rest at its defaults, on PATCH at what it was', () => {
  const { create: make, patch } = world()
  const row = make('upstreams', {
    name,
    healthchecks: { active: { type: 'tcp', healthy: { interval: 5 } } },
  })
  expect(row).toMatchObject({
    healthchecks: {
      active: { type: 'tcp', timeout: 1, healthy: { interval: 5, successes: 0 } },
      threshold: 0,
    },
  })
  const changed = patch('upstreams', name, { healthchecks: { passive: { type: 'tcp' } } })
  expect(changed).toMatchObject({
    healthchecks: { active: { type: 'tcp', healthy: { interval: 5 } }, passive: { type: 'tcp' } },
  })
})

test.each<[Body, Body]>([
  [{}, { name: 'required field missing' }],
  [{ name: '1.2.3.4' }, { name: "Invalid name ('1.2.3.4'); no ip addresses allowed" }],
  [{ name: '::1' }, { name: "Invalid name ('::1'); no ip addresses allowed" }],
  [{ name: 'a.test:80' }, { name: "Invalid name ('a.test:80'); no port allowed" }],
  [{ name: 'a b' }, { name: "Invalid name ('a b'); must be a valid hostname" }],
  [{ name: 'a\ud800' }, { name: 'Invalid name; must be a valid hostname' }],
  [{ name, slots: 9 }, { slots: 'value should be between 10 and 65536' }],
  [
    { name, algorithm: 'sticky-sessions' },
    {
      algorithm:
        'expected one of: consistent-hashing, least-connections, round-robin, latency, random-two-choices',
    },
  ],
  [
    { name, hash_on_header: 'a b' },
    {
      hash_on_header: "bad header name 'a b', allowed characters are A-Z, a-z, 0-9, '_', and '-'",
    },
  ],
  [
    { name, healthchecks: { active: { timeout: -1, type: 'smtp', more: 1 }, threshold: 101 } },
    {
      healthchecks: {
        active: {
          timeout: 'value should be between 0 and 65535',
          type: 'expected one of: tcp, http, https, grpc, grpcs, tls',
          more: 'unknown field',
        },
        threshold: 'value should be between 0 and 100',
      },
    },
  ],
  [
    { name, healthchecks: { passive: { unhealthy: { http_statuses: [99], timeouts: 256 } } } },
    {
      healthchecks: {
        passive: {
          unhealthy: {
            http_statuses: { 1: 'value should be between 100 and 999' },
            timeouts: 'value should be between 0 and 255',
          },
        },
      },
    },
  ],
  [
    { name, hash_on: 'header' },
    { hash_on_header: 'required field missing', '@entity': [conditional('hash_on')] },
  ],
  [
    { name, hash_on: 'ip', hash_fallback: 'header' },
    { hash_fallback_header: 'required field missing', '@entity': [conditional('hash_fallback')] },
  ],
  [
    { name, hash_fallback: 'ip' },
    { hash_fallback: 'expected one of: none', '@entity': [conditional('hash_on')] },
  ],
  [
    { name, hash_on: 'ip', hash_fallback: 'ip' },
    {
      hash_fallback:
        'expected one of: none, consumer, header, cookie, path, query_arg, uri_capture, sni, subnet, slot',
      '@entity': [conditional('hash_on')],
    },
  ],
  [
    { name, hash_on: 'path', hash_fallback: 'path' },
    {
      hash_fallback:
        'expected one of: none, consumer, header, cookie, query_arg, ip, uri_capture, sni, subnet, slot',
      '@entity': [conditional('hash_on')],
    },
  ],
  [
    {
      name,
      hash_on: 'header',
      hash_on_header: 'x',
      hash_fallback: 'header',
      hash_fallback_header: 'x',
    },
    {
      '@entity': [
        "values of these fields must be distinct: 'hash_on_header', 'hash_fallback_header'",
      ],
    },
  ],
  [{ name, host_header: 'a b' }, { host_header: 'invalid value: a b' }],
])('upstreams refuse %j', (body, fields) => {
  expect(refused('upstreams', body)?.['fields']).toEqual(fields)
})

test.each<[Body, Body]>([
  [{ hash_on: 'ip' }, { algorithm: 'consistent-hashing', hash_on: 'ip' }],
  [{ hash_on: 'none' }, { algorithm: 'round-robin', hash_on: 'none' }],
  [{ hash_on: null }, { algorithm: 'round-robin', hash_on: 'none' }],
  [
    { algorithm: 'least-connections', hash_on: 'ip' },
    { algorithm: 'least-connections', hash_on: 'none' },
  ],
  [{ algorithm: 'latency' }, { algorithm: 'latency', hash_on: 'none' }],
  [{ algorithm: 'consistent-hashing' }, { algorithm: 'consistent-hashing', hash_on: 'none' }],
])('of algorithm and hash, %j makes %j', (body, row) => {
  expect(create('upstreams', { name, ...body })).toMatchObject(row)
})

test('a PATCH of something else leaves algorithm and hash as they are', () => {
  const { create: make, patch } = world()
  make('upstreams', { name, algorithm: 'consistent-hashing' })
  expect(patch('upstreams', name, { slots: 20 })).toMatchObject({
    algorithm: 'consistent-hashing',
    hash_on: 'none',
  })
  expect(patch('upstreams', name, { hash_on: 'ip' })).toMatchObject({ hash_on: 'ip' })
  expect(patch('upstreams', name, { algorithm: 'least-connections' })).toMatchObject({
    algorithm: 'least-connections',
    hash_on: 'none',
  })
})

test('an upstream whose certificate is deleted stands in the way', () => {
  const { set, context, create: make, remove } = world()
  const id = context.uuid()
  const row = { id, created_at: 1, updated_at: 1, tags: null, cert: 'c', key: 'k' }
  set.apply([{ op: 'put', entity: 'certificates', row: { ...row, cert_alt: null, key_alt: null } }])
  make('upstreams', { name, client_certificate: { id } })
  expect(errorOf(() => remove('certificates', id))).toMatchObject({
    code: 4,
    message: "an existing 'upstreams' entity references this 'certificates' entity",
  })
})
