import type { OutboxOptions } from '@kong-ts/pdk'

const delay = { type: 'number', minimum: 0.001, maximum: 1_000_000 } as const

/** How many requests run at once where Kong sets no limit: each has a socket. */
const manyRequests = 64

/** Kong's record of that name. */
export const queueSchema = {
  type: 'object',
  default: {},
  description: 'how records wait and are sent; each worker has a queue of its own',
  properties: {
    max_batch_size: {
      type: 'integer',
      minimum: 1,
      maximum: 1_000_000,
      default: 1,
      description: 'records in a request at most; with more than 1 its body is a list',
    },
    max_coalescing_delay: {
      type: 'number',
      minimum: 0,
      maximum: 3600,
      default: 1,
      description: 'seconds that a record waits for a full batch',
    },
    max_entries: {
      type: 'integer',
      minimum: 1,
      maximum: 1_000_000,
      default: 10_000,
      description:
        'records that wait at most; beyond it the oldest are dropped, counted and logged',
    },
    max_bytes: {
      type: 'integer',
      minimum: 1,
      description: 'bytes of all that wait at most; beyond it the oldest are dropped',
    },
    max_retry_time: {
      type: 'number',
      minimum: -1,
      default: 60,
      description:
        'seconds after which a batch that is not taken is dropped, counted and logged; -1 never sends one again',
    },
    initial_retry_delay: {
      ...delay,
      default: 0.01,
      description: 'seconds before a batch is sent again, doubled each time',
    },
    max_retry_delay: { ...delay, default: 60, description: 'seconds between two attempts at most' },
    concurrency_limit: {
      enum: [-1, 1],
      default: 1,
      description: `requests at once: one, or (-1) up to ${manyRequests}, in no order`,
    },
  },
} as const

/** The values of `queueSchema`. */
export interface Queue {
  readonly max_batch_size: number
  readonly max_coalescing_delay: number
  readonly max_entries: number
  readonly max_bytes?: number | undefined
  readonly max_retry_time: number
  readonly initial_retry_delay: number
  readonly max_retry_delay: number
  readonly concurrency_limit: -1 | 1
}

type Ours = 'deliver' | 'log' | 'counts' | 'countOf' | 'enough'
type Waiting = Required<Omit<OutboxOptions<string>, Ours>>

/** Kong counts in seconds. */
export function outboxOptions(queue: Queue): Waiting {
  return {
    capacity: queue.max_entries,
    capacityBytes: queue.max_bytes,
    sizeOf: queue.max_bytes === undefined ? () => 0 : (text) => Buffer.byteLength(text),
    batch: queue.max_batch_size,
    linger: queue.max_coalescing_delay * 1000,
    firstDelay: queue.initial_retry_delay * 1000,
    longestDelay: queue.max_retry_delay * 1000,
    patience: queue.max_retry_time === -1 ? -1 : queue.max_retry_time * 1000,
    concurrency: queue.concurrency_limit === -1 ? manyRequests : 1,
  }
}
