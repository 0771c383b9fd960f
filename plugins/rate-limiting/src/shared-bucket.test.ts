import { LocalShared, ManualClock } from '@kong-ts/pdk/testing'
import { expect, test } from 'vitest'
import { SharedBucket } from './shared-bucket.ts'

function make(every: number, limit: number) {
  const clock = new ManualClock(1000)
  const shared = new LocalShared(clock)
  return { clock, shared, bucket: new SharedBucket({ shared, clock, key: 'k', every, limit }) }
}

test('what is owed is missing, and comes back like all else', async () => {
  const { clock, bucket } = make(100, 3)
  expect(await bucket.owe(5)).toBe(1500)
  clock.advance(299)
  expect(await bucket.take()).toBeUndefined()
  clock.advance(1)
  const undo = await bucket.take()
  expect(await bucket.owe(0)).toBe(1600)
  await undo?.()
  expect(await bucket.owe(0)).toBe(1500)
  clock.advance(299)
  expect(await bucket.owe(2)).toBe(1799)
})

test('of those that bring a full bucket to the present, one does and the others look again', async () => {
  const { bucket } = make(100, 3)
  const takes = Array.from({ length: 5 }, () => bucket.take())
  expect((await Promise.all(takes)).filter(Boolean)).toHaveLength(3)
  expect(await bucket.owe(0)).toBe(1300)
})

test('many that come back once a year are kept apart', async () => {
  const { bucket } = make(365 * 86_400_000, 1000)
  const takes = Array.from({ length: 1200 }, () => bucket.take())
  expect((await Promise.all(takes)).filter(Boolean)).toHaveLength(1000)
})
