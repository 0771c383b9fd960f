import { expect, test } from 'vitest'
import { outboxOptions } from './queue.ts'
import { queue } from './queue.fixture.ts'

test('seconds become milliseconds', () => {
  expect(outboxOptions(queue)).toMatchObject({
    capacity: 70,
    batch: 7,
    linger: 500,
    firstDelay: 10,
    longestDelay: 2000,
    patience: 60_000,
    concurrency: 1,
  })
})

test('-1 is: never again, and many at once', () => {
  const options = outboxOptions({ ...queue, max_retry_time: -1, concurrency_limit: -1 })
  expect(options).toMatchObject({ patience: -1, concurrency: 64 })
})

test('bytes are counted where they are limited', () => {
  expect(outboxOptions(queue).sizeOf('größe')).toBe(0)
  expect(outboxOptions({ ...queue, max_bytes: 10 }).sizeOf('größe')).toBe(7)
})
