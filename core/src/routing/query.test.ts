import { expect, test } from 'vitest'
import { Place, Query } from './query.ts'

test('a query folds the name, and reads an address once', () => {
  const at = { address: '::ffff:10.0.0.7', port: 1 }
  expect(new Query(at, at, 'A.Example.').name).toBe('a.example')
  expect(new Query(at, at).name).toBeUndefined()
  const place = new Place(at)
  expect(place.address).toEqual({ family: 4, value: 0x0a000007 })
  expect(place.address).toBe(place.address)
  expect(new Place({ address: 'unix:/run/a', port: 0 }).address).toBeUndefined()
})
