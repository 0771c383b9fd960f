import { expect, test } from 'vitest'
import { entityNames } from '../../entities/definitions/index.ts'
import { entityAt, pathOf } from './entity-path.ts'
import { listPaths } from '../path-list.ts'

test('a collection is found by its segment, whatever it is called', () => {
  expect(entityNames.map((name) => entityAt(pathOf(name)))).toEqual(entityNames)
  expect([pathOf('key_sets'), pathOf('keys')]).toEqual(['key-sets', 'keys'])
  expect([entityAt('key_sets'), entityAt('schemas')]).toEqual([undefined, undefined])
})

test('placeholders are called by the entity, as Kong calls them', () => {
  expect(
    listPaths([
      '/key-sets/:parent/keys/:item',
      '/upstreams/:parent/targets/:item/:address/healthy',
    ]),
  ).toEqual([
    '/key-sets/{key_sets}/keys/{keys}',
    '/upstreams/{upstreams}/targets/{targets}/{address}/healthy',
  ])
})
