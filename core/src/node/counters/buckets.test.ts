import { expect, test } from 'vitest'
import { Buckets, isPast } from './buckets.ts'

test('keeps windows of one key apart and finds the newest', () => {
  const buckets = new Buckets()
  const old = buckets.add({ key: 'k', until: 1 })
  const young = buckets.add({ key: 'k', until: 2 })
  expect(buckets.find('k', 1)).toBe(old)
  expect(buckets.find('k', undefined)).toBeUndefined()
  expect(buckets.findLast('k', () => true)).toBe(young)
  expect(buckets.findLast('k', (bucket) => bucket !== young)).toBe(old)
  buckets.remove(young)
  buckets.remove(young)
  expect([buckets.size, buckets.all()]).toEqual([1, [old]])
  buckets.clear()
  expect(buckets.size).toBe(0)
})

test('sweeps all of many keys in a few steps each, also those that were added meanwhile', () => {
  const buckets = new Buckets()
  for (let i = 0; i < 100; i++) buckets.add({ key: `${i}`, until: i })
  for (let i = 0; i < 60; i++) {
    buckets.sweep(({ until }) => (until ?? 0) % 2 === 0)
    if (i < 10) buckets.add({ key: `late ${i}`, until: i })
  }
  expect(buckets.all().filter(({ until }) => (until ?? 0) % 2 === 0)).toEqual([])
  expect(buckets.size).toBe(55)
})

test('a window is past a second after its end; without a window never', () => {
  expect([isPast(1000, 1999), isPast(1000, 2000), isPast(undefined, 1e15)]).toEqual([
    false,
    true,
    false,
  ])
})
