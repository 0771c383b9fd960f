import type { Clock, Part, Shared } from '@kong-ts/pdk'
import type { Central, News, Told } from './central.ts'
import { sumOf } from './client-news.ts'
import { lateness, SharedBucket } from './shared-bucket.ts'
import type { SharedLink } from './shared-link.ts'

export interface SharedCentralOptions {
  readonly shared: Shared
  readonly clock: Clock
  readonly link: SharedLink
}

/** Exchanges counts by the database that the nodes share. */
export class SharedCentral implements Central {
  readonly #options: SharedCentralOptions

  constructor(options: SharedCentralOptions) {
    this.#options = options
  }

  exchange(who: string, news: readonly News[]): Promise<readonly (readonly Part[])[]> {
    const { link } = this.#options
    return link.ask(() => Promise.all(news.map((each) => this.#exchange(who + each.name, each))))
  }

  #exchange(key: string, { until, told, rule }: News): Promise<readonly Part[]> {
    if (typeof until === 'number') return this.#exchangeFixed(key, until, sumOf(told))
    if ('after' in until) return this.#exchangeSliding(key, until.after, told)
    const { shared, clock } = this.#options
    const bucket = new SharedBucket({ shared, clock, key, limit: rule.limit, ...until })
    return this.#exchangeBucket(bucket, sumOf(told))
  }

  async #exchangeFixed(key: string, until: number, more: number): Promise<readonly Part[]> {
    const { shared } = this.#options
    const amount =
      more > 0
        ? (await shared.add(key, more, { until: until + lateness })).total
        : await shared.get(key)
    return amount > 0 ? [{ until, amount }] : []
  }

  async #exchangeSliding(
    key: string,
    after: number,
    told: readonly Told[],
  ): Promise<readonly Part[]> {
    const { shared } = this.#options
    // Asked for together, and served in this order.
    const asked = told.map(({ amount, at }) => shared.add(key, amount, { after, at }))
    const [parts] = await Promise.all([shared.parts(key), ...asked])
    return parts
  }

  async #exchangeBucket(bucket: SharedBucket, more: number): Promise<readonly Part[]> {
    const until = await bucket.owe(more)
    return until > this.#options.clock.now() ? [{ until, amount: 0 }] : []
  }
}
