import type { Later } from '../../balancing/evictions.ts'

/** A timer that keeps no process alive. */
export const startLater: Later = (milliseconds, call) => {
  if (milliseconds <= 0) {
    const turn = setImmediate(call)
    return () => clearImmediate(turn)
  }
  const timer = setTimeout(call, milliseconds).unref()
  return () => clearTimeout(timer)
}
