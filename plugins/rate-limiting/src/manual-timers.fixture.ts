import type { Later } from './later.ts'

interface Timer {
  readonly at: number
  readonly run: () => void
}

/** Time that a test moves: what was to run by then runs, in its order. */
export class ManualTimers {
  now = 0
  readonly #timers = new Set<Timer>()

  readonly later: Later = (milliseconds, run) => {
    const timer = { at: this.now + milliseconds, run }
    this.#timers.add(timer)
    return () => void this.#timers.delete(timer)
  }

  get size(): number {
    return this.#timers.size
  }

  async advance(milliseconds: number): Promise<void> {
    const end = this.now + milliseconds
    for (let next = this.#next(end); next; next = this.#next(end)) {
      this.now = next.at
      this.#timers.delete(next)
      next.run()
      await settled()
    }
    this.now = end
    await settled()
  }

  #next(end: number): Timer | undefined {
    return [...this.#timers].filter(({ at }) => at <= end).toSorted((a, b) => a.at - b.at)[0]
  }
}

/** Lets every promise be heard that needs no timer. */
export function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}

/** What a promise is rejected with, once it is. */
export function failureOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'it did not fail',
    (error: unknown) => String(error),
  )
}
