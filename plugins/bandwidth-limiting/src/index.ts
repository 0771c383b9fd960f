import {
  checkLimitKey,
  definePlugin,
  limitKey,
  limitKeyFields,
  limitPhase,
  slot,
} from '@kong-ts/pdk'
import type { Awaitable, Proxying, Rejection } from '@kong-ts/pdk'
import { checkQuota } from './periods.ts'
import type { Purse } from './purse.ts'
import { Quotas } from './quotas.ts'

const rate = { type: 'integer', minimum: 1 } as const
const bytes = { type: 'integer', minimum: 1 } as const

/** What a connection has to do with the quota of its key. */
const held = slot<Purse>('bandwidth-limiting.purse')

export default definePlugin({
  name: 'bandwidth-limiting',
  version: '0.1.0',
  priority: 885,
  description:
    'Limits bytes per second, per connection or shared by a key, and bytes per hour, day and month',
  schema: {
    type: 'object',
    properties: {
      upload: { ...rate, description: 'bytes per second from the client to the upstream' },
      download: { ...rate, description: 'bytes per second from the upstream to the client' },
      burst: {
        ...bytes,
        description:
          'bytes that may pass at once after a pause; a tenth of a second of the rate by default, and at least',
      },
      scope: {
        enum: ['connection', 'key'],
        default: 'connection',
        description:
          'whether each connection has the rates for itself, or all connections of a key share them, on all workers of the node',
      },
      ...limitKeyFields,
      quota: {
        type: 'object',
        description:
          'how many bytes a key may move in each window of UTC, over all nodes of a database',
        properties: {
          hour: { ...bytes, description: 'bytes in an hour' },
          day: { ...bytes, description: 'bytes in a day' },
          month: { ...bytes, description: 'bytes in a month of the calendar' },
          count: {
            enum: ['both', 'upload', 'download'],
            default: 'both',
            description: 'which direction counts; both count together',
          },
        },
        anyOf: [{ required: ['hour'] }, { required: ['day'] }, { required: ['month'] }],
      },
      fault_tolerant: {
        type: 'boolean',
        default: true,
        description:
          'whether bytes go on while the store of the quotas is away, to be counted when it is back; otherwise connections are refused, and open ones end once they have used what they have in advance',
      },
      error_message: {
        type: 'string',
        minLength: 1,
        default: 'bandwidth quota exceeded',
        description: 'the reason in the log; which quota it was is added to it',
      },
    },
    anyOf: [{ required: ['upload'] }, { required: ['download'] }, { required: ['quota'] }],
  },
  check: ({ upload, download, burst, quota, ...by }) =>
    checkLimitKey(by) ??
    (quota && checkQuota(quota)) ??
    (burst !== undefined && upload === undefined && download === undefined
      ? 'config.burst is only used with config.upload or config.download'
      : undefined),
  setup(kit) {
    const { quota } = kit.config
    return {
      phase: limitPhase(kit.config),
      quotas: quota && new Quotas({ ...kit, config: { ...kit.config, quota } }),
      counts: (['upload', 'download'] as const).filter(
        (direction) => quota?.count === 'both' || quota?.count === direction,
      ),
    }
  },
  phases: {
    preread(conn, { config, state: { phase, quotas } }) {
      if (quotas && phase === 'preread') return admit(conn, quotas, limitKey(conn, config))
    },
    balance(conn, { config, state: { phase, quotas } }) {
      // It is asked again after a failed connect.
      const isNew = phase === 'balance' && conn.get(held) === undefined
      if (quotas && isNew) return admit(conn, quotas, limitKey(conn, config))
    },
    proxy(conn, { config, state: { counts }, buckets }) {
      const purse = conn.get(held)
      if (purse) for (const direction of counts) conn.draw(direction, purse.allowance)
      const key = config.scope === 'key' ? limitKey(conn, config) : undefined
      for (const direction of ['upload', 'download'] as const) {
        const limit = config[direction]
        if (limit === undefined) continue
        if (key === undefined) conn.throttle(direction, limit, config.burst)
        else conn.draw(direction, buckets.rate(`${direction} ${key}`, limit, config.burst))
      }
    },
    log(summary) {
      summary.get(held)?.leave()
    },
  },
  teardown: ({ quotas }) => quotas?.close(),
})

/** Takes part in the quota of the key, unless it is used up. */
function admit(
  conn: Pick<Proxying, 'set'>,
  quotas: Quotas,
  key: string,
): Awaitable<Rejection | undefined> {
  const purse = quotas.purse(key)
  conn.set(held, purse)
  return purse.enter()
}
