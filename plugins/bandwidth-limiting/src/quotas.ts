import type { Kit } from '@kong-ts/pdk'
import { createHash } from 'node:crypto'
import type { Limits } from './periods.ts'
import { Outage } from './outage.ts'
import { Purse, type PurseTerms } from './purse.ts'

/** Milliseconds after its last connection at which a key gives back what it has not used. */
const linger = 2000
/** Milliseconds between looks at the keys without connections. */
const look = 1000
/** While the store is away, so many keys are remembered for what they owe; the rest is forgiven. */
const mostOwing = 100_000
/** The longest key of a shared number is 512 characters; the name of a window comes before it. */
const longestKey = 400

interface QuotasKit extends Pick<Kit, 'shared' | 'buckets' | 'clock' | 'log' | 'signal'> {
  readonly config: {
    readonly quota: Limits
    readonly fault_tolerant: boolean
    readonly error_message: string
  }
}

/** The quotas of all keys that have connections in this worker. */
export class Quotas {
  readonly #terms: PurseTerms
  readonly #purses = new Map<string, Purse>()
  readonly #timer: NodeJS.Timeout

  constructor({ config, ...kit }: QuotasKit) {
    const { quota, fault_tolerant, error_message } = config
    this.#terms = {
      ...kit,
      outage: new Outage(kit.clock, kit.log),
      limits: { hour: quota.hour, day: quota.day, month: quota.month },
      isFaultTolerant: fault_tolerant,
      message: error_message,
    }
    this.#timer = setInterval(() => void this.sweep(), look).unref()
  }

  /** How many keys are remembered. */
  get size(): number {
    return this.#purses.size
  }

  purse(wording: string): Purse {
    const key = shorten(wording)
    const known = this.#purses.get(key)
    if (known) return known
    const purse = new Purse(key, this.#terms)
    this.#purses.set(key, purse)
    return purse
  }

  /** Gives back what keys without connections have left, and forgets them. */
  async sweep(): Promise<void> {
    const now = this.#terms.clock.now()
    const idle = [...this.#purses.values()].filter(
      ({ idleSince = Infinity }) => now - idleSince >= linger,
    )
    await Promise.all(idle.map((purse) => this.#settle(purse)))
  }

  /** After the last connection. */
  async close(): Promise<void> {
    clearInterval(this.#timer)
    await Promise.all([...this.#purses.values()].map((purse) => this.#settle(purse)))
    for (const { allowance } of this.#purses.values()) allowance.close()
  }

  async #settle(purse: Purse): Promise<void> {
    await purse.settle()
    if (purse.idleSince === undefined) return
    if (purse.isOwing && this.#purses.size <= mostOwing) return
    this.#purses.delete(purse.key)
    purse.allowance.close()
  }
}

/** Keys of any length count apart; a space in one cannot be taken for another's end. */
function shorten(key: string): string {
  if (key.length <= longestKey && key.isWellFormed() && !key.includes('\0')) return key
  return `sha256:${createHash('sha256').update(key).digest('hex')}`
}
