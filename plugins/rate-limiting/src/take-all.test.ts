import type { Returns } from '@kong-ts/pdk'
import { LocalCounters, ManualClock } from '@kong-ts/pdk/testing'
import { expect, test } from 'vitest'
import { takeAll } from './take-all.ts'

const permits = [
  { key: 'a', limit: 2, until: 1000 },
  { key: 'b', limit: 1, until: 1000 },
]

test('all or none, at once', () => {
  const counters = new LocalCounters(new ManualClock(0))
  expect(takeAll(counters, permits)).toBe(true)
  expect(takeAll(counters, permits)).toBe(false)
  expect([counters.taken('a'), counters.taken('b')]).toEqual([1, 1])
})

test.each([['a'], ['b'], ['a', 'b']])('all or none when %s is answered later', async (...late) => {
  const counters = new LocalCounters(new ManualClock(0))
  const slow = {
    take: (key: string, limit: number, until?: number | Returns) => {
      const taken = counters.take(key, limit, until)
      return late.includes(key) ? Promise.resolve(taken) : taken
    },
    release: (key: string) => counters.release(key),
  }
  expect(await takeAll(slow, permits)).toBe(true)
  expect(await takeAll(slow, permits)).toBe(false)
  expect([counters.taken('a'), counters.taken('b')]).toEqual([1, 1])
})

test('a failure gives back what was taken', async () => {
  const counters = new LocalCounters(new ManualClock(0))
  const broken = {
    take: (key: string, limit: number) =>
      key === 'b' ? Promise.reject(new Error('gone')) : counters.take(key, limit),
    release: (key: string) => counters.release(key),
  }
  await expect(takeAll(broken, permits)).rejects.toThrow('gone')
  expect(counters.keys()).toEqual([])
})
