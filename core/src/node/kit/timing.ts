/** When something is done, as a dependency. */
export interface Timing {
  /** Calls back when everything that is ready to run now has run. */
  readonly soon: (work: () => void) => void
  /** Calls back after so many milliseconds, unless the answer is called before. */
  readonly later: (milliseconds: number, work: () => void) => () => void
}

export const realTiming: Timing = {
  soon: (work) => void setImmediate(work),
  later: (milliseconds, work) => {
    const timer = setTimeout(work, milliseconds).unref()
    return () => clearTimeout(timer)
  },
}
