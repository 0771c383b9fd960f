import type { Awaitable, Clock, Counters } from '@kong-ts/pdk'
import type { Limiter } from './limiter.ts'
import type { Rule } from './rules.ts'
import { takeAll } from './take-all.ts'
import type { Permit } from './take-all.ts'

/** Counts on this node, exactly over its workers. */
export class LocalLimiter implements Limiter {
  readonly #counters: Counters
  readonly #clock: Clock
  readonly #rules: readonly Rule[]

  constructor(counters: Counters, clock: Clock, rules: readonly Rule[]) {
    this.#counters = counters
    this.#clock = clock
    this.#rules = rules
  }

  take(who: string): Awaitable<boolean> {
    const now = this.#clock.now()
    const [rule, ...others] = this.#rules
    // Most limits have one window.
    if (rule === undefined || others.length > 0) {
      return takeAll(
        this.#counters,
        this.#rules.map((each) => permitOf(each, who, now)),
      )
    }
    const { key, limit, until } = permitOf(rule, who, now)
    return this.#counters.take(key, limit, until)
  }
}

function permitOf(rule: Rule, who: string, now: number): Permit {
  const { limit, returns } = rule
  if (returns !== undefined) return { key: who + rule.name, limit, until: returns }
  const { end, name } = rule.windowAt(now)
  return { key: who + name, limit, until: end }
}
