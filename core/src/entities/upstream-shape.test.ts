import { expect, test } from 'vitest'
import { expandHashing } from './upstream-shape.ts'

test('only what was written moves the other field', () => {
  const body = { algorithm: 'consistent-hashing', hash_on: 'none', slots: 20 }
  expect(expandHashing(body, undefined, { slots: 20 })).toEqual(body)
  expect(expandHashing(body, undefined, body)).toMatchObject({ algorithm: 'round-robin' })
})
