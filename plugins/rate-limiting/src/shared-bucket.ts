import type { Added, Clock, Shared } from '@kong-ts/pdk'

/** Milliseconds that a number is kept beyond its end, for a node whose clock is late. */
export const lateness = 1000

/** A token bucket is kept as a time, and numbers that are kept are whole ones: microseconds. */
export const microseconds = 1000

export interface Filling {
  readonly key: string
  /** Milliseconds in which one comes back. */
  readonly every: number
  readonly limit: number
  /** How many are taken. */
  readonly more: number
  /** Whether they are only taken if there is room for them. */
  readonly isBounded: boolean
}

/** A bucket is kept for longer than it takes to be full again, also when some is taken or given back meanwhile. */
export function keptUntil(
  full: number,
  { every, limit }: Pick<Filling, 'every' | 'limit'>,
): number {
  return full / microseconds + 2 * Math.ceil(every * (limit + 1)) + lateness
}

/**
 * Takes from a bucket in the database. It is the moment when it will be full again. One that is full already is brought
 * to the present first, under a limit that fails when another node has done so since; then this one looks again.
 */
export async function fillBucket(
  { shared, clock }: { readonly shared: Shared; readonly clock: Clock },
  { key, every: pace, limit, more, isBounded }: Filling,
): Promise<Added> {
  const every = Math.round(pace * microseconds)
  const taken = more * every
  for (;;) {
    const now = Math.round(clock.now() * microseconds)
    const full = await shared.get(key)
    const isFull = full < now
    const room = isBounded ? now + limit * every : Infinity
    const amount = isFull ? now - full + taken : taken
    const until = keptUntil(Math.max(now, full) + taken, { every: pace, limit })
    const most = isFull ? now + taken : room
    const { added, total } = await shared.add(key, amount, { until, limit: most })
    if (added) return { added, total }
    if (!isFull || total > room - taken) return { added, total }
  }
}
