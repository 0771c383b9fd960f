import { expect, test } from 'vitest'
import { route } from './route.fixture.ts'
import { RouteBucket } from './route-bucket.ts'

test('the oldest serves, whatever the order of puts and deletes', () => {
  const bucket = new RouteBucket()
  for (const [id, age] of [
    ['c', 3],
    ['a', 1],
    ['b', 2],
  ] as const) {
    bucket.put(route({ id, created_at: age }))
  }
  expect(bucket.find()?.id).toBe('a')
  bucket.put(route({ id: 'a', created_at: 9 }))
  expect(bucket.find()?.id).toBe('b')
  bucket.delete('b')
  bucket.put(route({ id: 'd', created_at: 4 }))
  expect(bucket.find()?.id).toBe('c')
  for (const id of ['c', 'unknown', 'd', 'a']) bucket.delete(id)
  expect([bucket.find(), bucket.empty]).toEqual([undefined, true])
})
