import type { Kit } from '@kong-ts/pdk'
import { startTimer } from './later.ts'
import type { Limiter } from './limiter.ts'
import { LocalLimiter } from './local-limiter.ts'
import { loadRedis } from './redis-client.ts'
import type { RedisOptions } from './redis-client.ts'
import { RedisLimiter } from './redis-limiter.ts'
import { RedisLink } from './redis-link.ts'
import { rulesOf } from './rules.ts'
import type { Rule } from './rules.ts'
import type { Config } from './schema.ts'
import { SharedLimiter } from './shared-limiter.ts'
import { TolerantLimiter } from './tolerant-limiter.ts'

/** A limiter, and what it counts against. */
export interface OpenLimiter {
  readonly limiter: Limiter
  readonly rules: readonly Rule[]
  close(): void
}

/** Opens what a configuration names. Nothing is waited for: a Redis that is away is away, not a mistake. */
export async function openLimiter(kit: Kit<Config>): Promise<OpenLimiter> {
  const { config, counters, clock } = kit
  const rules = rulesOf(config)
  const local = new LocalLimiter(counters, clock, rules)
  if (config.policy === 'local') return { limiter: local, rules, close: () => undefined }
  const { limiter, close } =
    config.policy === 'redis' ? await openRedis(kit, rules) : openShared(kit, rules)
  const tolerant = config.fault_tolerant ? new TolerantLimiter(limiter, local) : limiter
  return { limiter: tolerant, rules, close }
}

async function openRedis(
  { id, config, clock, log, trusted }: Kit<Config>,
  rules: readonly Rule[],
): Promise<Omit<OpenLimiter, 'rules'>> {
  const { algorithm, namespace = id } = config
  const redis = hostOf(config.redis)
  const open = await loadRedis(trusted)
  const link = new RedisLink({ redis, log, open, later: startTimer })
  const limiter = new RedisLimiter({ link, clock, algorithm, rules, namespace })
  return { limiter, close: () => link.close() }
}

/** The schema requires the host where it is used, which its type cannot say. */
function hostOf({ host = '', ...rest }: Config['redis']): RedisOptions {
  return { host, ...rest }
}

function openShared(
  { config, clock, log, shared }: Kit<Config>,
  rules: readonly Rule[],
): Omit<OpenLimiter, 'rules'> {
  const { timeout } = config.redis
  const limiter = new SharedLimiter({ shared, clock, log, rules, timeout, later: startTimer })
  return { limiter, close: () => undefined }
}
