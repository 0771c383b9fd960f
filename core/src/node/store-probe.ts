import { messageOf } from '../errors/message-of.ts'
import type { Store } from '../store/store.ts'
import type { ErrorLog } from './logs/log.ts'

/** Milliseconds that a probe may take: whoever asks for the status waits no longer than that. */
const patience = 2_000

/** Finds out whether the store answers. However many ask, and however long it takes, one probe is under way. */
export class StoreProbe {
  readonly #store: Pick<Store, 'check'>
  readonly #log: ErrorLog
  readonly #patience: number
  #underWay: Promise<boolean> | undefined
  /** What the last probe said, so that a trouble is logged once and not at every look. */
  #trouble: string | undefined

  constructor(store: Pick<Store, 'check'>, log: ErrorLog, patienceMs = patience) {
    this.#store = store
    this.#log = log
    this.#patience = patienceMs
  }

  /** False also when it does not answer in time. */
  async reachable(): Promise<boolean> {
    this.#underWay ??= this.#probe()
    const { promise: late, resolve } = Promise.withResolvers<boolean>()
    const timer = setTimeout(() => resolve(false), this.#patience)
    const answer = await Promise.race([this.#underWay, late])
    clearTimeout(timer)
    return answer
  }

  async #probe(): Promise<boolean> {
    const trouble = await this.#store.check().then(() => undefined, messageOf)
    this.#underWay = undefined
    if (trouble !== undefined && trouble !== this.#trouble) {
      this.#log.error({ error: trouble }, 'the store cannot be reached')
    }
    this.#trouble = trouble
    return trouble === undefined
  }
}
