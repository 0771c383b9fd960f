/** Node's timers hold 31 bits of milliseconds. */
const longest = 2 ** 31 - 1

/**
 * Durations are rounded up to this many milliseconds: Node keeps one list per duration, so that equal ones are cheap,
 * and no deadline here is so exact that the difference matters.
 */
const grain = 20

/** Calls back once the deadline (`performance.now()` milliseconds) has passed; Infinity never does. */
export function startTimer(deadline: number, expire: () => void): NodeJS.Timeout | undefined {
  if (deadline === Infinity) return undefined
  return startTimeout(deadline - performance.now(), grain, expire)
}

/** Calls back after so many milliseconds, rounded up to the grain. */
export function startTimeout(
  milliseconds: number,
  roundTo: number,
  expire: () => void,
): NodeJS.Timeout {
  const rounded = Math.ceil(Math.max(milliseconds, 1) / roundTo) * roundTo
  return setTimeout(expire, Math.min(rounded, longest))
}
