import type { Log } from '../kit.ts'

/** Milliseconds between two lines about the same kind of loss. */
const interval = 60_000
/** Milliseconds until it is told when it seems to be over. */
const calm = 5000

/**
 * Counts what is lost and says so in the log: that something is lost and why at once, how much once a minute and when
 * it is asked to. However much is lost, the log gets a few lines.
 */
export class Losses {
  readonly #log: Log
  #untold = new Map<string, number>()
  #timer: NodeJS.Timeout | undefined
  #isSoon = false

  constructor(log: Log) {
    this.#log = log
  }

  /** @param why for what reason, in a few words that do not vary */
  add(count: number, why: string): void {
    if (count === 0) return
    const known = this.#untold.get(why)
    if (known === undefined) this.#log.warn({}, `entries are lost: ${why}`)
    this.#untold.set(why, (known ?? 0) + count)
    this.#timer ??= setTimeout(() => this.tell(), interval).unref()
  }

  /** It seems to be over: what was lost is told in a few seconds, not a minute after it began. */
  settle(): void {
    if (this.#timer === undefined || this.#isSoon) return
    clearTimeout(this.#timer)
    this.#isSoon = true
    this.#timer = setTimeout(() => this.tell(), calm).unref()
  }

  /** Tells what has been lost since it was told last, if anything. */
  tell(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#isSoon = false
    const untold = this.#untold
    this.#untold = new Map()
    for (const [why, count] of untold) {
      const dropped = count === 1 ? '1 entry was dropped' : `${count} entries were dropped`
      this.#log.error({ dropped: count }, `${dropped}: ${why}`)
    }
  }
}
