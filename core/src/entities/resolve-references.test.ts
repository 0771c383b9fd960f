import { expect, test } from 'vitest'
import { definitions } from './definitions/index.ts'
import { world } from './plan.fixture.ts'
import { checkReferences, resolveReferences } from './resolve-references.ts'

const { create, set } = world()
const { id } = create('services', { name: 's', host: 'h' })
const resolve = (service: unknown) =>
  resolveReferences(set, definitions.routes, { service })['service']

test.each<[unknown, unknown]>([
  [{ name: 's' }, { id }],
  [
    { id: 'x', name: null },
    { id: 'x', name: null },
  ],
  [
    { id: null, name: 'n' },
    { id: null, name: 'n' },
  ],
  [{ id: null }, { id: null }],
  [{ other: 1 }, { other: 1 }],
  ['s', 's'],
  [null, null],
])('the reference %j', (written, expected) => {
  expect(resolve(written)).toEqual(expected)
})

test('a consumer is never there, and an array of ids is not asked after', () => {
  const consumer = { consumer: { id: 'x' } }
  expect(resolveReferences(set, definitions.plugins, consumer)).toEqual(consumer)
  expect(() => checkReferences(set, definitions.plugins, consumer, [])).toThrow(
    'does not reference',
  )
  checkReferences(set, definitions.services, { ca_certificates: ['x'] }, [])
})
