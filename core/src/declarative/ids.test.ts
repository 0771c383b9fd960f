import { expect, test } from 'vitest'
import { deriveId, naturalKey } from './ids.ts'

/** From the fixtures of Kong's own tests. */
test.each([
  ['services', 'my-service', '0855b320-0dd2-547d-891d-601e9b38647f'],
  ['routes', 'my-route', '481a9539-f49c-51b6-b2e2-fe99ee68866c'],
  ['consumers', 'my-user', '4b1b701d-de2b-5588-9aa2-3b97061d9f52'],
] as const)('the id of %s %s is the one that Kong derives', (entity, name, id) => {
  expect(deriveId(entity, name)).toBe(id)
})

const service = { field: 'service', id: 's-id', written: false }

test.each([
  ['services', { name: 'a', host: 'h' }, undefined, 'a'],
  ['services', { host: 'h' }, undefined, undefined],
  ['services', { name: '' }, undefined, undefined],
  ['plugins', { name: 'p' }, undefined, 'plugins:*:p:::'],
  ['plugins', { name: 'p', service: 'web' }, undefined, 'plugins:*:p::web:'],
  ['plugins', { name: 'p' }, service, 'plugins:*:p::s-id:'],
  ['plugins', { name: 'p', route: null }, service, 'plugins:*:p:s-id:'],
  ['plugins', {}, service, undefined],
  ['targets', { target: 'h:1' }, { ...service, field: 'upstream' }, 'targets:*:s-id:h:1'],
  ['targets', { target: 'h:1' }, undefined, undefined],
  ['keys', { name: 'k', kid: '1' }, undefined, 'keys:*:1:'],
  ['vaults', { prefix: 'my' }, undefined, 'vaults:*:my'],
  ['certificates', { cert: 'c' }, undefined, undefined],
] as const)('the key of %s %j below %j is %s', (entity, body, owner, key) => {
  expect(naturalKey(entity, body, owner)).toBe(key)
})

test('plugins on services that are named by id are told apart', () => {
  const keys = ['a', 'b'].map((id) =>
    naturalKey('plugins', { name: 'p', service: { id } }, undefined),
  )
  expect(keys[0]).not.toBe(keys[1])
})
