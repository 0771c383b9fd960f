/** An end in time, for something that may end otherwise before it. */
export interface Deadline {
  /** Aborted when time is up, and with the signal that was given. */
  readonly signal: AbortSignal
  /** To be called once the matter is settled: what waits for the end is taken away. */
  clear(): void
}

/**
 * As `AbortSignal.any([signal, AbortSignal.timeout(milliseconds)])`, but that nothing of it stays once it is cleared:
 * those two live until the time is up, and cost memory where things happen a thousand times a second.
 * @param milliseconds 0 sets no end
 */
export function startDeadline(signal: AbortSignal, milliseconds: number): Deadline {
  const controller = new AbortController()
  const end = (): void => controller.abort()
  const timer = milliseconds > 0 ? setTimeout(end, milliseconds) : undefined
  if (signal.aborted) end()
  else signal.addEventListener('abort', end)
  return {
    signal: controller.signal,
    clear() {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
    },
  }
}
