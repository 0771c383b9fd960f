import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { ecCert, ecKey } from '../entities/pem.fixture.ts'
import { declaredWorld } from './declare.fixture.ts'
import { exportRows } from './export-rows.ts'

const everything = {
  certificates: [{ cert: ecCert, key: ecKey, tags: ['ü', 'a b'], snis: ['*.left.test'] }],
  services: [
    {
      name: 'a',
      url: 'tcp://h:1',
      routes: [
        {
          name: 'r',
          protocols: ['tls'],
          snis: ['x.test'],
          plugins: [{ name: 'sample', config: { allow: ['::1/128'], nested: { port: 1 } } }],
        },
      ],
    },
    { name: 'secure', url: 'https://h' },
  ],
  upstreams: [{ name: 'up', targets: [{ target: '[::1]:80' }] }],
  consumers: [{ username: 'yes', custom_id: '007' }],
  key_sets: [{ name: 'ks', keys: [{ kid: '1', jwk: '{"kid":"1","kty":"oct","k":"AAAA"}' }] }],
  vaults: [{ name: 'env', prefix: 'my-env', config: { prefix: 'X_' } }],
}

test('a document is flat, with references as ids and null for what is not set', () => {
  const world = declaredWorld()
  world.load(everything)
  const document = parse(exportRows(world.set, world.context))
  expect(document).toMatchObject({ _format_version: '3.0', _transform: false })
  const [route] = document.routes
  expect(route).toMatchObject({ name: 'r', snis: ['x.test'], sources: null })
  expect(route.service).toBe(world.named('services', 'a')?.id)
  expect(document.snis[0].certificate).toBe(document.certificates[0].id)
  expect(document.certificates[0].cert).toBe(ecCert)
  expect(document.plugins[0]).toMatchObject({
    service: null,
    route: route.id,
    config: { second: null },
  })
})

test('an empty configuration has no collections', () => {
  const { set, context } = declaredWorld()
  expect(parse(exportRows(set, context))).toEqual({ _format_version: '3.0', _transform: false })
})

test('what is exported and loaded elsewhere, later, is the same, times included', () => {
  const world = declaredWorld()
  world.load(everything)
  const text = exportRows(world.set, world.context)
  const elsewhere = declaredWorld()
  elsewhere.wait(1000)
  elsewhere.add(text)
  expect(exportRows(elsewhere.set, elsewhere.context)).toBe(text)
  expect(elsewhere.load(text)).toEqual([])
  expect(world.load(text)).toEqual([])
})
