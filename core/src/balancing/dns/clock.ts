/** Time, as far as answers have any; a test brings its own. */
export interface Clock {
  /** Milliseconds that only go forward. */
  now(): number
  /** Calls back once after so many milliseconds, unless what it returns is called before. */
  after(milliseconds: number, run: () => void): () => void
}

/** None of its timers keeps the process alive. */
export const systemClock: Clock = {
  now: () => performance.now(),
  after(milliseconds, run) {
    const timer = setTimeout(run, milliseconds).unref()
    return () => clearTimeout(timer)
  },
}
