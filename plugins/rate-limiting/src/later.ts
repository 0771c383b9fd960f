/** Runs something later, unless it is called off. The milliseconds are at least so many. @returns what calls it off */
export type Later = (milliseconds: number, run: () => void) => () => void

/** By Node's timers. */
export const startTimer: Later = (milliseconds, run) => {
  const timer = setTimeout(run, milliseconds)
  return () => clearTimeout(timer)
}

/** Waits for `work` no longer than so many milliseconds. @throws (rejects) when it is late */
export async function within<T>(milliseconds: number, work: Promise<T>, later: Later): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const callOff = later(milliseconds, () => {
    reject(new Error(`no answer within ${milliseconds} ms`))
  })
  try {
    return await Promise.race([work, late])
  } finally {
    callOff()
  }
}
