import { expect, test } from 'vitest'
import { heedDeprecated } from './deprecated.ts'
import { queue } from './queue.fixture.ts'

function heed(older: object) {
  const warnings: string[] = []
  const warn = (_fields: object, message: string) => void warnings.push(message)
  const log = { debug: warn, info: warn, warn, error: warn }
  return { queue: heedDeprecated({ queue, ...older }, log), warnings }
}

test('what is not given, and what once was the default, changes nothing', () => {
  expect(heed({})).toEqual({ queue, warnings: [] })
  expect(heed({ retry_count: 10, queue_size: 1, flush_timeout: 2 })).toEqual({
    queue,
    warnings: [],
  })
})

test('an older name counts and is warned of', () => {
  const heeded = heed({ retry_count: 3, queue_size: 20, flush_timeout: 5 })
  expect(heeded.queue).toEqual({ ...queue, max_batch_size: 20, max_coalescing_delay: 5 })
  expect(heeded.warnings).toEqual([
    'retry_count has no effect: use queue.max_retry_time',
    'queue_size is deprecated: use queue.max_batch_size',
    'flush_timeout is deprecated: use queue.max_coalescing_delay',
  ])
})
