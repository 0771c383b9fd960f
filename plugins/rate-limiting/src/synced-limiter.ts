import type { Awaitable, Clock, Log, NodeCounters } from '@kong-ts/pdk'
import type { Central } from './central.ts'
import { ClientNews } from './client-news.ts'
import type { Later } from './later.ts'
import type { Limiter } from './limiter.ts'
import type { Rule } from './rules.ts'

export interface SyncedLimiterOptions {
  readonly central: Central
  /** Counts on the node; it counts what the others took as soon as the counters know it. */
  readonly local: Limiter
  readonly counters: NodeCounters
  readonly clock: Clock
  readonly log: Log
  readonly rules: readonly Rule[]
  /** Seconds between two exchanges. */
  readonly rate: number
  /** While the others cannot be reached: whether the node goes on alone. */
  readonly isTolerant: boolean
  readonly later: Later
  /** How many clients are remembered at a time; of more, connections are counted on the node alone. */
  readonly mostClients?: number
}

/** Milliseconds after which an exchange that has failed is tried again, unless the rate is shorter. */
const pause = 500

const mostClients = 100_000

/** So many exchanges are under way at a time. */
const atOnce = 256

/**
 * Counts on this node and exchanges the counts with the others every now and then: a connection of a client that is
 * known waits for nobody. Who comes for the first time, or after an interval without a connection, is looked up.
 */
export class SyncedLimiter implements Limiter {
  readonly #options: SyncedLimiterOptions
  readonly #clients = new Map<string, ClientNews>()
  /** Look-ups that are under way. */
  readonly #meetings = new Map<string, Promise<void>>()
  #failed = false
  #callOff: (() => void) | undefined
  #syncing: Promise<void> = Promise.resolve()
  #isClosed = false
  /** Connections that others will never hear of. */
  #lost = 0

  constructor(options: SyncedLimiterOptions) {
    this.#options = options
  }

  take(who: string): Awaitable<boolean> {
    const client = this.#clients.get(who)
    if (client && (this.#options.isTolerant || !this.#failed)) return this.#decide(who, client)
    return this.#meetAndDecide(who)
  }

  /** Tells what is left. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#callOff?.()
    await this.#syncing
    await this.#exchangeAll()
    for (const { untold } of this.#clients.values()) this.#lost += untold
    this.#reportLoss()
  }

  #decide(who: string, client: ClientNews | undefined): Awaitable<boolean> {
    if (client) client.isAsked = true
    const taken = this.#options.local.take(who)
    if (typeof taken !== 'boolean') return this.#decided(who, taken)
    if (taken) this.#count(client)
    return taken
  }

  async #decided(who: string, taking: Promise<boolean>): Promise<boolean> {
    const taken = await taking
    // It may have been forgotten meanwhile.
    if (taken) this.#count(this.#clients.get(who) ?? this.#remember(who))
    return taken
  }

  #count(client: ClientNews | undefined): void {
    const { rules, clock } = this.#options
    if (client) client.count(rules, clock.now())
    else this.#lost += 1
  }

  async #meetAndDecide(who: string): Promise<boolean> {
    try {
      await this.#meet(who)
    } catch (error) {
      if (!this.#options.isTolerant) throw error
    }
    return this.#decide(who, this.#clients.get(who) ?? this.#remember(who))
  }

  /** Those who come at the same time are looked up once. */
  #meet(who: string): Promise<void> {
    const known = this.#meetings.get(who)
    if (known) return known
    const meeting = this.#exchange(who, this.#clients.get(who) ?? new ClientNews()).finally(() =>
      this.#meetings.delete(who),
    )
    this.#meetings.set(who, meeting)
    return meeting
  }

  /** Undefined when there are too many. */
  #remember(who: string): ClientNews | undefined {
    if (this.#clients.size >= (this.#options.mostClients ?? mostClients)) return undefined
    const client = new ClientNews()
    this.#clients.set(who, client)
    this.#callOff ??= this.#syncLater()
    return client
  }

  #syncLater(): (() => void) | undefined {
    const { rate, later } = this.#options
    if (this.#isClosed) return undefined
    const delay = Math.ceil(rate * 1000)
    return later(this.#failed ? Math.min(delay, pause) : delay, () => {
      this.#syncing = this.#sync()
    })
  }

  async #sync(): Promise<void> {
    await this.#exchangeAll()
    this.#reportLoss()
    this.#callOff = this.#clients.size > 0 ? this.#syncLater() : undefined
  }

  /** Until one exchange fails; the others would, too. Never rejects. */
  async #exchangeAll(): Promise<void> {
    const clients = this.#clients.entries()
    for (let next = this.#nextOf(clients); next.length > 0; next = this.#nextOf(clients)) {
      const exchanges = next.map(([who, client]) => this.#exchange(who, client))
      const outcomes = await Promise.allSettled(exchanges)
      if (outcomes.some(({ status }) => status === 'rejected')) return
    }
  }

  /** Forgets who has not come for a whole interval. */
  #nextOf(clients: Iterator<[string, ClientNews]>): readonly [string, ClientNews][] {
    const next: [string, ClientNews][] = []
    for (let one = clients.next(); !one.done; one = clients.next()) {
      const [who, client] = one.value
      if (!client.isAsked && client.isEmpty) this.#clients.delete(who)
      else next.push(one.value)
      if (next.length === atOnce) break
    }
    return next
  }

  async #exchange(who: string, client: ClientNews): Promise<void> {
    const { central, counters, rules, clock } = this.#options
    const news = client.take(rules, clock.now())
    client.isAsked = false
    try {
      const heard = await central.exchange(who, news)
      this.#failed = false
      for (const [i, { name, until, told }] of news.entries()) {
        const learned = { told: told.map(plain), heard: heard[i] ?? [] }
        if (learned.told.length + learned.heard.length === 0) continue
        counters.learn(who + name, until, learned)
      }
    } catch (error) {
      this.#failed = true
      client.restore(news)
      throw error
    }
  }

  #reportLoss(): void {
    const connections = this.#lost
    if (connections === 0) return
    this.#lost = 0
    this.#options.log.warn({ connections }, 'other nodes were not told of all connections')
  }
}

function plain({ until, amount }: { until: number; amount: number }) {
  return { until, amount }
}
