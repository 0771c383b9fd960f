import { expect, test } from 'vitest'
import { ecCert, ecKey } from '../entities/pem.fixture.ts'
import { testTime } from '../entities/world.fixture.ts'
import { declaredWorld } from './declare.fixture.ts'
import { deriveId } from './ids.ts'

const nested = `
services:
- name: web
  url: tcp://10.0.0.1:7000
  tags: [blue]
  routes:
  - name: plain
    protocols: [tcp]
    sources: [{ip: 10.0.0.0/8}]
    plugins:
    - name: sample
      config: {second: 5}
  plugins:
  - name: sample
`

test('what is nested belongs to what it is nested in, and is complete', () => {
  const world = declaredWorld()
  world.load(nested)
  const web = world.named('services', 'web')
  expect(web).toMatchObject({
    id: deriveId('services', 'web'),
    protocol: 'tcp',
    host: '10.0.0.1',
    port: 7000,
    retries: 5,
    tags: ['blue'],
    created_at: testTime,
    updated_at: testTime,
  })
  const plain = world.named('routes', 'plain')
  expect(plain).toMatchObject({ id: deriveId('routes', 'plain'), service: { id: web?.id } })
  expect(world.rows('plugins')).toHaveLength(2)
  const scopes = world.rows('plugins').map(({ service, route, config }) => [service, route, config])
  expect(scopes).toContainEqual([null, { id: plain?.id }, { second: 5, strict: false, by: 'ip' }])
  expect(scopes).toContainEqual([{ id: web?.id }, null, { strict: false, by: 'ip' }])
})

test('references are by key, by id, by { id } and by { key }, whatever the order of the collections', () => {
  const world = declaredWorld()
  const route = (service: unknown, port: number) => ({
    protocols: ['tcp'],
    destinations: [{ port }],
    service,
  })
  const id = '0855b320-0dd2-547d-891d-601e9b38647f'
  world.load({
    routes: [
      route('web', 1),
      route(id, 2),
      route({ id: id.toUpperCase() }, 3),
      route({ name: 'web' }, 4),
      route(null, 5),
    ],
    services: [{ name: 'web', id, host: 'h' }],
  })
  const services = world
    .rows('routes')
    .map(({ destinations, service }) => [destinations?.[0]?.port, service?.id])
  expect(new Map(services.map(([port, service]) => [port, service]))).toEqual(
    new Map([
      [1, id],
      [2, id],
      [3, id],
      [4, id],
      [5, undefined],
    ]),
  )
})

test('SNIs may stand in their certificate as records or as names', () => {
  const world = declaredWorld()
  world.load({
    certificates: [{ cert: ecCert, key: ecKey, snis: [{ name: 'a.test', tags: ['x'] }, 'b.test'] }],
  })
  const [certificate] = world.rows('certificates')
  expect(
    world
      .rows('snis')
      .map(({ name, certificate: { id } }) => [name, id])
      .toSorted(byFirst),
  ).toEqual([
    ['a.test', certificate?.id],
    ['b.test', certificate?.id],
  ])
})

test('targets stand in their upstream, keys in their set', () => {
  const world = declaredWorld()
  world.load({
    upstreams: [
      { name: 'up', targets: [{ target: '10.0.0.1' }, { target: '10.0.0.2:9', weight: 0 }] },
    ],
    key_sets: [{ name: 'ks', keys: [{ kid: '1', jwk: '{"kid":"1","kty":"oct","k":"AAAA"}' }] }],
    consumers: [{ username: 'bob', custom_id: '7' }],
  })
  expect(
    world
      .rows('targets')
      .map(({ target, weight }) => [target, weight])
      .toSorted(byFirst),
  ).toEqual([
    ['10.0.0.1:8000', 100],
    ['10.0.0.2:9', 0],
  ])
  expect(world.rows('keys')[0]?.set?.id).toBe(world.named('key_sets', 'ks')?.id)
  expect(world.named('consumers', 'bob')?.custom_id).toBe('7')
})

test('remarks are skipped everywhere', () => {
  const world = declaredWorld()
  world.load({
    _comment: 'c',
    _ignore: [1, { a: 2 }],
    _transform: false,
    services: [{ name: 'a', host: 'h', _comment: 'c', _ignore: ['x'], routes: null }],
    routes: null,
  })
  expect(world.rows('services')).toHaveLength(1)
})

test('what stays is not touched, what changed keeps its birthday, what is gone goes', () => {
  const world = declaredWorld()
  const first = nested.replace('plugins:\n  - name: sample\n', '')
  world.load(first)
  const before = world.set.snapshot().rows
  world.wait(10)
  expect(world.load(first)).toEqual([])
  expect(world.set.snapshot().rows).toEqual(before)

  const changes = world.load(first.replace('blue', 'green'))
  expect(changes.map(({ op, entity }) => [op, entity])).toEqual([['put', 'services']])
  expect(world.named('services', 'web')).toMatchObject({
    tags: ['green'],
    created_at: testTime,
    updated_at: testTime + 10,
  })
  expect(world.rows('routes')).toEqual(before.routes)

  const gone = world.load({})
  expect(gone.map(({ op, entity }) => [op, entity])).toEqual([
    ['delete', 'plugins'],
    ['delete', 'routes'],
    ['delete', 'services'],
  ])
})

test('rows without a name keep their ids, also those that are alike', () => {
  const world = declaredWorld()
  const document = {
    services: [
      {
        name: 'a',
        host: 'h',
        routes: [1, 1, 2].map((port) => ({ protocols: ['tcp'], destinations: [{ port }] })),
      },
    ],
  }
  world.load(document)
  expect(world.rows('routes')).toHaveLength(3)
  expect(world.load(document)).toEqual([])
})

test('times that are written hold', () => {
  const world = declaredWorld()
  const row = { name: 'a', host: 'h', created_at: 1, updated_at: 2 }
  world.load({ services: [row] })
  expect(world.named('services', 'a')).toMatchObject({ created_at: 1, updated_at: 2 })
  world.load({ services: [{ name: 'a', host: 'h' }] })
  expect(world.named('services', 'a')).toMatchObject({ created_at: 1, updated_at: 2 })
  world.load({ services: [{ ...row, created_at: 7, updated_at: 8 }] })
  expect(world.named('services', 'a')).toMatchObject({ created_at: 7, updated_at: 8 })
  expect(world.refuse({ services: [{ ...row, updated_at: 'now' }] }).details).toEqual({
    services: [{ updated_at: 'expected an integer' }],
  })
})

test('names may be swapped', () => {
  const world = declaredWorld()
  const [one, other] = [
    '0855b320-0dd2-547d-891d-601e9b38647f',
    '481a9539-f49c-51b6-b2e2-fe99ee68866c',
  ]
  const services = (a: string, b: string) => ({
    services: [
      { id: one, name: a, host: 'h' },
      { id: other, name: b, host: 'h' },
    ],
  })
  world.load(services('a', 'b'))
  world.load(services('b', 'a'))
  expect(world.named('services', 'a')?.id).toBe(other)
  expect(world.named('services', 'b')?.id).toBe(one)
})

test('an import adds and replaces, and takes no name of what stays', () => {
  const world = declaredWorld()
  world.load({
    services: [
      { name: 'a', host: 'h' },
      { name: 'b', host: 'h' },
    ],
  })
  world.add({
    services: [
      { name: 'b', host: 'i' },
      { name: 'c', host: 'h' },
    ],
  })
  expect(
    world
      .rows('services')
      .map(({ name, host }) => [name, host])
      .toSorted(byFirst),
  ).toEqual([
    ['a', 'h'],
    ['b', 'i'],
    ['c', 'h'],
  ])
  const id = '0855b320-0dd2-547d-891d-601e9b38647f'
  expect(() => world.add({ services: [{ id, name: 'a', host: 'h' }] })).toThrow(
    `UNIQUE violation detected on '{name="a"}'`,
  )
})

function byFirst([a]: readonly unknown[], [b]: readonly unknown[]): number {
  return String(a) < String(b) ? -1 : 1
}
