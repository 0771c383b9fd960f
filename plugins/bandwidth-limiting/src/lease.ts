import type { Shared } from '@kong-ts/pdk'
import type { Window } from './periods.ts'

/** How often others may be quicker with the rest of a quota. */
const mostTries = 10

/** What came of asking for bytes. */
export interface Lease {
  /** Taken from every window; fewer than wanted where one has no more. */
  readonly bytes: number
  /** The window that has none left, when there are none. */
  readonly exhausted: Window | undefined
}

/**
 * Takes bytes out of all windows of a key, or fewer if one has fewer left: no window counts what another refuses.
 * Rejects when the store is away; what was taken until then stays counted.
 */
export async function takeLease(
  shared: Shared,
  key: string,
  windows: readonly Window[],
  wanted: number,
): Promise<Lease> {
  let bytes = wanted
  for (const [index, window] of windows.entries()) {
    const taken = await takeFrom(shared, key, window, bytes)
    if (taken < bytes) await giveBack(shared, key, windows.slice(0, index), bytes - taken)
    if (taken === 0) return { bytes: 0, exhausted: window }
    bytes = taken
  }
  return { bytes, exhausted: undefined }
}

/** @param bytes above 0; below: they are counted, whatever the limit */
export async function giveBack(
  shared: Shared,
  key: string,
  windows: readonly Window[],
  bytes: number,
): Promise<void> {
  for (const { name, end } of windows) await shared.add(`${name} ${key}`, -bytes, { until: end })
}

async function takeFrom(
  shared: Shared,
  key: string,
  { name, limit, end }: Window,
  wanted: number,
): Promise<number> {
  let bytes = wanted
  for (let tries = 0; tries < mostTries && bytes > 0; tries++) {
    const { added, total } = await shared.add(`${name} ${key}`, bytes, { until: end, limit })
    if (added) return bytes
    bytes = Math.min(bytes, limit - total)
  }
  return 0
}
