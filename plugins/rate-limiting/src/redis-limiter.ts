import type { Clock } from '@kong-ts/pdk'
import type { Limiter } from './limiter.ts'
import type { RedisLink } from './redis-link.ts'
import { scripts } from './redis-scripts.ts'
import type { Script } from './redis-scripts.ts'
import type { Algorithm, Rule } from './rules.ts'

/** Milliseconds that a window is kept beyond its end, for a gateway whose clock is late. */
export const lateness = 1000

export interface RedisLimiterOptions {
  readonly link: Pick<RedisLink, 'ask'>
  readonly clock: Clock
  readonly algorithm: Algorithm
  readonly rules: readonly Rule[]
  /** Stands before every key: who shares it shares the counts. */
  readonly namespace: string
}

/** Counts in Redis, together with every gateway that uses the same one: one round trip for all limits. */
export class RedisLimiter implements Limiter {
  readonly #options: RedisLimiterOptions
  readonly #script: Script

  constructor(options: RedisLimiterOptions) {
    this.#options = options
    this.#script = scripts[options.algorithm]
  }

  take(who: string): Promise<boolean> {
    const { link, clock, rules, namespace } = this.#options
    const now = clock.now()
    const prefix = prefixOf(namespace, who)
    const keys: string[] = []
    const args: string[] = []
    for (const rule of rules) {
      const { name, time } = placeOf(rule, now)
      keys.push(prefix + name)
      args.push(String(rule.limit), String(time))
    }
    return link.ask(this.#script, keys, args)
  }
}

/** Where a rule counts, and the time that its script wants to know. */
function placeOf(rule: Rule, now: number): { name: string; time: number } {
  if (rule.returns === undefined) {
    const { end, name } = rule.windowAt(now)
    return { name, time: end - now + lateness }
  }
  const time = 'every' in rule.returns ? rule.returns.every : rule.returns.after
  return { name: rule.name, time }
}

/** The braces keep the limits of one client on one server of a sharded Redis. */
export function prefixOf(namespace: string, who: string): string {
  return `ratelimit:{${namespace}:${who}}`
}
