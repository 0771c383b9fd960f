import { returnTime } from '@kong-ts/pdk'
import type { News, Told } from './central.ts'
import type { Rule } from './rules.ts'

interface Growing extends News {
  told: MutableTold[]
}

interface MutableTold extends Told {
  amount: number
}

/** What was admitted to one client since it was told last. */
export class ClientNews {
  /** Whether it has come since the last exchange. */
  isAsked = true
  /** By its name. */
  readonly #news = new Map<string, Growing>()

  get isEmpty(): boolean {
    return this.#news.size === 0
  }

  /** How many connections nobody has been told of. */
  get untold(): number {
    const sums = Array.from(this.#news.values(), ({ told }) => sumOf(told))
    return Math.max(0, ...sums)
  }

  /** One more was admitted, under all of the limits. */
  count(rules: readonly Rule[], now: number): void {
    for (const rule of rules) {
      const { told } = this.#of(rule, now)
      const until = partEnd(rule, now)
      const last = told.at(-1)
      if (last?.until === until) last.amount += 1
      else told.push({ at: now, until, amount: 1 })
    }
  }

  /** Takes everything out that is to be told; of each limit at least that somebody wants to hear. */
  take(rules: readonly Rule[], now: number): readonly News[] {
    for (const rule of rules) this.#of(rule, now)
    this.#forget(now)
    const news = [...this.#news.values()]
    this.#news.clear()
    return news
  }

  /** It could not be told. */
  restore(news: readonly News[]): void {
    for (const { told, ...rest } of news) {
      const since = this.#news.get(rest.name)?.told ?? []
      if (told.length > 0) this.#news.set(rest.name, { ...rest, told: join(told, since) })
    }
  }

  #of(rule: Rule, now: number): Growing {
    const window = rule.returns === undefined ? rule.windowAt(now) : rule
    const known = this.#news.get(window.name)
    if (known) return known
    this.#forget(now)
    const until = 'end' in window ? window.end : window.returns
    const news = { rule, name: window.name, until, told: [] }
    this.#news.set(news.name, news)
    return news
  }

  /** While nobody can be told, windows go by that mean nothing any more. */
  #forget(now: number): void {
    for (const news of this.#news.values()) {
      const { name, until, told } = news
      if (typeof until === 'number') {
        if (until <= now) this.#news.delete(name)
      } else if ('after' in until) news.told = told.filter((part) => part.until > now)
    }
  }
}

function join(told: readonly Told[], since: readonly Told[]): MutableTold[] {
  const [first, ...later] = since
  const last = told.at(-1)
  if (!first || last?.until !== first.until) return [...told, ...since]
  return [...told.slice(0, -1), { ...last, amount: last.amount + first.amount }, ...later]
}

/** When what is admitted now comes back; of a bucket the moment does not matter. */
function partEnd(rule: Rule, now: number): number {
  if (rule.returns === undefined) return rule.windowAt(now).end
  return 'after' in rule.returns ? returnTime(now, rule.returns.after) : 0
}

export function sumOf(parts: readonly { readonly amount: number }[]): number {
  return parts.reduce((sum, { amount }) => sum + amount, 0)
}
