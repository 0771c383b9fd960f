/** Which part of something this is, from 0 on, and how many parts there are. */
export interface Part {
  readonly index: number
  readonly of: number
}

/**
 * How many of a target's idle connections one worker keeps to one of the target's addresses. They are dealt to the
 * workers in turn, and by each to the addresses in turn, beginning at another one: all shares together are the whole.
 */
export function warmShare(whole: number, worker: Part, address: Part): number {
  const rounds = Math.max(0, Math.ceil((whole - worker.index) / worker.of))
  const first = (((address.index - worker.index) % address.of) + address.of) % address.of
  return Math.max(0, Math.ceil((rounds - first) / address.of))
}
