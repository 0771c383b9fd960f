import type { Clock, Part } from '@kong-ts/pdk'
import type { Central, News } from './central.ts'
import { sumOf } from './client-news.ts'
import { exchangeScripts } from './exchange-scripts.ts'
import { lateness, prefixOf } from './redis-limiter.ts'
import type { RedisLink } from './redis-link.ts'
import type { Script } from './redis-scripts.ts'
import type { Algorithm } from './rules.ts'

export interface RedisCentralOptions {
  readonly link: Pick<RedisLink, 'run'>
  readonly clock: Clock
  readonly algorithm: Algorithm
  /** Stands before every key: who shares it shares the counts. */
  readonly namespace: string
}

/** Exchanges counts by a Redis: one round trip for a client. */
export class RedisCentral implements Central {
  readonly #options: RedisCentralOptions
  readonly #script: Script

  constructor(options: RedisCentralOptions) {
    this.#options = options
    this.#script = exchangeScripts[options.algorithm]
  }

  exchange(who: string, news: readonly News[]): Promise<readonly (readonly Part[])[]> {
    const { link, clock, namespace } = this.#options
    const prefix = prefixOf(namespace, who)
    const now = clock.now()
    const keys = news.map(({ name }) => prefix + name)
    const args = news.flatMap((each) => argumentsOf(each, now)).map(String)
    return link.run(this.#script, keys, args, (answer) => {
      const lists = listsOf(answer, news.length)
      return news.map((each, i) => partsOf(lists[i] ?? [], each, clock.now()))
    })
  }
}

function argumentsOf({ until, told }: News, now: number): readonly number[] {
  if (typeof until === 'number') return [sumOf(told), Math.ceil(until - now) + lateness]
  if ('every' in until) return [sumOf(told), until.every]
  const { after } = until
  const groups = told.flatMap((part) => [groupOf(part, after), part.amount])
  return [now, after, told.length, ...groups]
}

/** Milliseconds of which what is admitted comes back together. */
function widthOf(after: number): number {
  return Math.max(1, after / 100)
}

function groupOf({ until }: Part, after: number): number {
  return Math.round((until - after) / widthOf(after))
}

function partsOf(heard: readonly number[], { until }: News, now: number): readonly Part[] {
  const [first = 0] = heard
  if (typeof until === 'number') return first > 0 ? [{ until, amount: first }] : []
  if ('every' in until) return first > 0 ? [{ until: now + first, amount: 0 }] : []
  return groupsOf(heard, until.after)
}

function groupsOf(heard: readonly number[], after: number): readonly Part[] {
  const parts: Part[] = []
  for (let i = 0; i + 1 < heard.length; i += 2) {
    const until = (heard[i] ?? 0) * widthOf(after) + after
    parts.push({ until, amount: heard[i + 1] ?? 0 })
  }
  return parts
}

/** @throws Error for anything that the script would not answer */
function listsOf(answer: unknown, length: number): readonly (readonly number[])[] {
  if (!Array.isArray(answer) || answer.length !== length) throw new Error(nonsense)
  return answer.map((list: unknown) => {
    if (!Array.isArray(list)) throw new Error(nonsense)
    const numbers = list.map(Number)
    if (!numbers.every(Number.isFinite)) throw new Error(nonsense)
    return numbers
  })
}

const nonsense = 'its answer is not that of the script'
