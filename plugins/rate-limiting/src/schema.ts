import { checkLimitKey, limitKeyFields } from '@kong-ts/pdk'
import type { Infer } from '@kong-ts/pdk'
import { algorithms, examineBurst } from './rules.ts'
import { examineLimits } from './windows.ts'

const limit = { type: 'integer', exclusiveMinimum: 0 } as const

const redis = {
  type: 'object',
  description: 'the Redis, or Valkey, that counts with policy=redis',
  default: {},
  properties: {
    host: { type: 'string', format: 'host', description: 'its host; required with policy=redis' },
    port: { type: 'integer', minimum: 0, maximum: 65_535, default: 6379, description: 'its port' },
    timeout: {
      type: 'integer',
      minimum: 1,
      maximum: 2_147_483_646,
      default: 2000,
      description:
        'milliseconds that it may take to connect or to answer; the database, too, with policy=cluster',
    },
    username: { type: 'string', description: 'user of an ACL, of Redis 6 and later' },
    password: { type: 'string', writeOnly: true, description: 'without it nobody logs in' },
    database: { type: 'integer', minimum: 0, default: 0, description: 'number of the database' },
    ssl: { type: 'boolean', default: false, description: 'whether to speak TLS' },
    ssl_verify: {
      type: 'boolean',
      default: false,
      description: 'whether to verify its certificate, by the setting trusted_certificate',
    },
    server_name: {
      type: 'string',
      format: 'host',
      description: 'the name to ask for and to verify; by default its host',
    },
  },
} as const

const queue = {
  type: 'object',
  description:
    'connections over the limit wait instead of being refused; the phase may take no longer than plugin_timeout, or timeout_ms of the plugin',
  properties: {
    size: {
      type: 'integer',
      minimum: 1,
      description: 'how many may wait on the node, of those that are counted together',
    },
    timeout: {
      type: 'integer',
      minimum: 1,
      maximum: 600_000,
      default: 5000,
      description: 'milliseconds that one may wait',
    },
  },
  required: ['size'],
} as const

export const schema = {
  type: 'object',
  properties: {
    second: { ...limit, description: 'connections per second' },
    minute: { ...limit, description: 'connections per minute' },
    hour: { ...limit, description: 'connections per hour' },
    day: { ...limit, description: 'connections per day' },
    month: { ...limit, description: 'connections per month' },
    year: { ...limit, description: 'connections per year' },
    algorithm: {
      enum: algorithms,
      default: 'fixed-window',
      description:
        'fixed windows stand on UTC boundaries; a sliding one looks back from each connection; a bucket fills evenly',
    },
    burst: {
      ...limit,
      description:
        'with algorithm=token-bucket: how many may come at once; by default the limit of the shortest period',
    },
    ...limitKeyFields,
    policy: {
      enum: ['local', 'cluster', 'redis'],
      default: 'local',
      description: 'where is counted: on each node, in the database of the nodes, in a Redis',
    },
    fault_tolerant: {
      type: 'boolean',
      default: true,
      description:
        'while Redis or the database is away, or too slow: true counts on each node, false refuses',
    },
    redis,
    namespace: {
      type: 'string',
      minLength: 1,
      maxLength: 128,
      description:
        'with policy=redis: all that have the same one count together, on whatever gateway; by default the id of the plugin',
    },
    sync_rate: {
      type: 'number',
      default: -1,
      description:
        'seconds after which what each node has counted is exchanged, at least 0.02; -1 asks Redis, or the database, for each connection',
    },
    queue,
    error_message: {
      type: 'string',
      minLength: 1,
      default: 'rate limit exceeded',
      description: 'the reason in the log; the client is told nothing',
    },
    error_code: {
      type: 'number',
      exclusiveMinimum: 0,
      default: 429,
      description: 'accepted for Kong’s clients, without effect: there is no status at layer 4',
    },
    hide_client_headers: {
      type: 'boolean',
      default: false,
      description: 'accepted for Kong’s clients, without effect: there are no headers at layer 4',
    },
  },
  anyOf: [
    { required: ['second'] },
    { required: ['minute'] },
    { required: ['hour'] },
    { required: ['day'] },
    { required: ['month'] },
    { required: ['year'] },
  ],
  // Conditions are looked at before defaults are filled in.
  if: { properties: { policy: { const: 'redis' } }, required: ['policy'] },
  // oxlint-disable-next-line unicorn/no-thenable -- a keyword of JSON Schema
  then: { properties: { redis: { type: 'object', required: ['host'] } }, required: ['redis'] },
} as const

export type Config = Infer<typeof schema>

/** What is wrong with a configuration beyond its schema, if anything. */
export function examine(config: Config): string | undefined {
  return (
    examineLimits(config) ?? checkLimitKey(config) ?? examineBurst(config) ?? examinePolicy(config)
  )
}

function examinePolicy({ policy, sync_rate, namespace }: Config): string | undefined {
  if (policy !== 'redis' && namespace !== undefined) {
    return 'config.namespace is only used with policy=redis'
  }
  return sync_rate === -1 ? undefined : examineSyncRate(policy, sync_rate)
}

function examineSyncRate(policy: Config['policy'], rate: number): string | undefined {
  if (policy === 'local') return 'sync_rate can only be used with the redis policy, or cluster'
  if (rate < 0.02) return 'sync_rate must be greater than 0.02, or -1 to disable'
  return rate > longestSync ? `config.sync_rate must be at most ${longestSync}` : undefined
}

/** A day, in seconds: timers end at 24 of them. */
const longestSync = 86_400
