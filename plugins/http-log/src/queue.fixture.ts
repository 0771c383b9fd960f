import type { Queue } from './queue.ts'

export const queue: Queue = {
  max_batch_size: 7,
  max_coalescing_delay: 0.5,
  max_entries: 70,
  max_retry_time: 60,
  initial_retry_delay: 0.01,
  max_retry_delay: 2,
  concurrency_limit: 1,
}
