/** Calls back after so many milliseconds; what it answers calls that off. */
export type Pause = (milliseconds: number, over: () => void) => () => void

export function startPause(milliseconds: number, over: () => void): () => void {
  const timer = setTimeout(over, milliseconds)
  return () => clearTimeout(timer)
}
