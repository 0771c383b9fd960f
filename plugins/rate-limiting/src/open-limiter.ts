import type { Awaitable, Kit } from '@kong-ts/pdk'
import type { Central } from './central.ts'
import { startTimer } from './later.ts'
import type { Limiter } from './limiter.ts'
import { LocalLimiter } from './local-limiter.ts'
import { loadRedis } from './redis-client.ts'
import type { RedisOptions } from './redis-client.ts'
import { RedisCentral } from './redis-central.ts'
import { RedisLimiter } from './redis-limiter.ts'
import { RedisLink } from './redis-link.ts'
import { rulesOf } from './rules.ts'
import type { Rule } from './rules.ts'
import type { Config } from './schema.ts'
import { SharedCentral } from './shared-central.ts'
import { SharedLimiter } from './shared-limiter.ts'
import { SharedLink } from './shared-link.ts'
import { SyncedLimiter } from './synced-limiter.ts'
import { TolerantLimiter } from './tolerant-limiter.ts'

/** A limiter, and what it counts against. */
export interface OpenLimiter {
  readonly limiter: Limiter
  readonly rules: readonly Rule[]
  close(): Awaitable<void>
}

/** Opens what a configuration names. Nothing is waited for: a Redis that is away is away, not a mistake. */
export async function openLimiter(kit: Kit<Config>): Promise<OpenLimiter> {
  const { config, counters, clock } = kit
  const rules = rulesOf(config)
  const local = new LocalLimiter(counters, clock, rules)
  if (config.policy === 'local') return { limiter: local, rules, close: () => undefined }
  const place = config.policy === 'redis' ? await openRedis(kit, rules) : openShared(kit, rules)
  if (config.sync_rate !== -1) return { ...openSynced(kit, rules, local, place), rules }
  const limiter = config.fault_tolerant ? new TolerantLimiter(place.limiter, local) : place.limiter
  return { limiter, rules, close: () => place.close() }
}

/** Where many nodes count together. */
interface Place {
  /** Counts there at once. */
  readonly limiter: Limiter
  /** Hears there what others have counted. */
  readonly central: Central
  close(): void
}

function openSynced(
  { config, counters, clock, log }: Kit<Config>,
  rules: readonly Rule[],
  local: Limiter,
  place: Place,
): Omit<OpenLimiter, 'rules'> {
  const { sync_rate: rate, fault_tolerant: isTolerant } = config
  const { central } = place
  const parts = { central, local, counters, clock, log, rules, rate, isTolerant }
  const limiter = new SyncedLimiter({ ...parts, later: startTimer })
  return { limiter, close: () => limiter.close().finally(() => place.close()) }
}

async function openRedis(
  { id, config, clock, log, trusted }: Kit<Config>,
  rules: readonly Rule[],
): Promise<Place> {
  const { algorithm, namespace = id } = config
  const redis = hostOf(config.redis)
  const open = await loadRedis(trusted)
  const link = new RedisLink({ redis, log, open, later: startTimer })
  const limiter = new RedisLimiter({ link, clock, algorithm, rules, namespace })
  const central = new RedisCentral({ link, clock, algorithm, namespace })
  return { limiter, central, close: () => link.close() }
}

/** The schema requires the host where it is used, which its type cannot say. */
function hostOf({ host = '', ...rest }: Config['redis']): RedisOptions {
  return { host, ...rest }
}

function openShared({ config, clock, log, shared }: Kit<Config>, rules: readonly Rule[]): Place {
  const { timeout } = config.redis
  const link = new SharedLink({ clock, log, timeout, later: startTimer })
  const limiter = new SharedLimiter({ shared, clock, link, rules })
  return { limiter, central: new SharedCentral({ shared, clock, link }), close: () => undefined }
}
