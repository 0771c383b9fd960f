import { LocalShared, ManualClock } from '@kong-ts/pdk/testing'
import { expect, test } from 'vitest'
import { fillBucket } from './shared-bucket.ts'

const bucket = { key: 'k', every: 100, limit: 3 }

test('what is taken without a bound is owed; what is taken within the limit is not taken then', async () => {
  const clock = new ManualClock(1000)
  const shared = new LocalShared(clock)
  const take = (more: number, isBounded: boolean) =>
    fillBucket({ shared, clock }, { ...bucket, more, isBounded })
  expect(await take(5, false)).toEqual({ added: true, total: 1_500_000 })
  expect((await take(1, true)).added).toBe(false)
  clock.advance(299)
  expect((await take(1, true)).added).toBe(false)
  clock.advance(1)
  expect(await take(1, true)).toEqual({ added: true, total: 1_600_000 })
  clock.advance(299)
  expect(await take(2, false)).toEqual({ added: true, total: 1_800_000 })
})

test('of two that bring a full bucket to the present, one looks again', async () => {
  const clock = new ManualClock(1000)
  const shared = new LocalShared(clock)
  const takes = Array.from({ length: 5 }, () =>
    fillBucket({ shared, clock }, { ...bucket, more: 1, isBounded: true }),
  )
  expect((await Promise.all(takes)).filter(({ added }) => added)).toHaveLength(3)
  expect(await shared.get('k')).toBe(1_300_000)
})
