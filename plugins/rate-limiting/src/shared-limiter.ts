import type { Clock, Shared } from '@kong-ts/pdk'
import type { Limiter } from './limiter.ts'
import type { FixedRule, Rule } from './rules.ts'
import { lateness, SharedBucket } from './shared-bucket.ts'
import type { SharedLink } from './shared-link.ts'

export interface SharedLimiterOptions {
  readonly shared: Shared
  readonly clock: Clock
  readonly link: SharedLink
  readonly rules: readonly Rule[]
}

/** What is taken back when another limit refuses. */
type Undo = () => Promise<unknown>

/** Counts in the database, together with all nodes that share it: one round trip for each limit. */
export class SharedLimiter implements Limiter {
  readonly #options: SharedLimiterOptions

  constructor(options: SharedLimiterOptions) {
    this.#options = options
  }

  take(who: string): Promise<boolean> {
    return this.#options.link.ask(() => this.#takeAll(who))
  }

  async #takeAll(who: string): Promise<boolean> {
    const taken: Undo[] = []
    for (const rule of this.#options.rules) {
      const undo = await this.#takeOne(who, rule)
      if (undo === undefined) {
        await Promise.all(taken.map((each) => each()))
        return false
      }
      taken.push(undo)
    }
    return true
  }

  #takeOne(who: string, rule: Rule): Promise<Undo | undefined> {
    if (rule.returns === undefined) return this.#takeFixed(who, rule)
    const { shared, clock } = this.#options
    const { name, limit, returns } = rule
    return 'after' in returns
      ? this.#takeSliding(who + name, limit, returns.after)
      : new SharedBucket({ shared, clock, key: who + name, limit, ...returns }).take()
  }

  async #takeFixed(who: string, rule: FixedRule): Promise<Undo | undefined> {
    const { shared, clock } = this.#options
    const { end, name } = rule.windowAt(clock.now())
    const key = who + name
    const until = end + lateness
    const { added } = await shared.add(key, 1, { until, limit: rule.limit })
    return added ? () => shared.add(key, -1, { until }) : undefined
  }

  async #takeSliding(key: string, limit: number, after: number): Promise<Undo | undefined> {
    const { shared } = this.#options
    const { added } = await shared.add(key, 1, { after, limit })
    return added ? () => shared.add(key, -1, { after }) : undefined
  }
}
