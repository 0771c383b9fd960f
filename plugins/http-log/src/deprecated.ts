import type { Log } from '@kong-ts/pdk'
import type { Queue } from './queue.ts'

/** Names that Kong has given up and goes on to read. */
export const deprecatedFields = {
  retry_count: { type: 'integer', description: 'has no effect; use queue.max_retry_time' },
  queue_size: {
    type: 'integer',
    minimum: 1,
    maximum: 1_000_000,
    description: 'the older name of queue.max_batch_size',
  },
  flush_timeout: {
    type: 'number',
    minimum: 0,
    maximum: 3600,
    description: 'the older name of queue.max_coalescing_delay',
  },
} as const

export interface Deprecated {
  readonly retry_count?: number | undefined
  readonly queue_size?: number | undefined
  readonly flush_timeout?: number | undefined
}

/** As in Kong an older name counts, and is warned of, unless it has the default that it once had. */
export function heedDeprecated(
  { queue, retry_count = 10, queue_size = 1, flush_timeout = 2 }: Deprecated & { queue: Queue },
  log: Log,
): Queue {
  const older = { ...queue }
  if (retry_count !== 10) log.warn({}, 'retry_count has no effect: use queue.max_retry_time')
  if (queue_size !== 1) {
    older.max_batch_size = queue_size
    log.warn({}, 'queue_size is deprecated: use queue.max_batch_size')
  }
  if (flush_timeout !== 2) {
    older.max_coalescing_delay = flush_timeout
    log.warn({}, 'flush_timeout is deprecated: use queue.max_coalescing_delay')
  }
  return older
}
