import type { Awaitable } from '@kong-ts/pdk'
import type { Peer } from '../../balancing/peer.ts'
import type { Pool } from '../../balancing/pool.ts'
import type { Unpicked } from '../../balancing/selection.ts'
import { Ended } from '../ended.ts'
import { Permits } from './permits.ts'
import type { Matched } from '../phases/preread.ts'
import type { Chosen } from '../upstream/source.ts'
import { waitForRoom } from './wait-for-room.ts'

/** Chooses a target that is none of these. */
export type Choose = (full: ReadonlySet<Peer>) => Awaitable<Chosen | Ended | Unpicked>

/**
 * Chooses a target of an upstream that has limits, and takes what its connection needs of them; who finds no room, or
 * comes while others wait, waits in the queue. Plugins have their say before: nobody waits who is refused.
 */
export async function findRoom(
  matched: Matched,
  pool: Pool,
  choose: Choose,
): Promise<Chosen | Ended | Unpicked> {
  const { session } = matched
  // Who has failed at a target has waited before.
  const isNew = session.permits === undefined
  const permits = (session.permits ??= new Permits(session.host))
  const first = await choose(nobody)
  if (!isChosen(first)) return first
  if (!isNew || !session.host.queues.isWaitedFor(pool.upstream.id)) {
    const found = await attempt(permits, pool, first, choose)
    if (found !== undefined) return found
    permits.release()
  }
  return waitForRoom(matched, pool.upstream, async () => {
    const again = await choose(nobody)
    if (!isChosen(again)) return again
    const found = await attempt(permits, pool, again, choose)
    // To wake the first that waits is to wake this one.
    if (found === undefined) permits.release(true)
    return found
  })
}

const nobody: ReadonlySet<Peer> = new Set()

/** Undefined when there is no room, whatever is chosen. */
async function attempt(
  permits: Permits,
  pool: Pool,
  first: Chosen,
  choose: Choose,
): Promise<Chosen | Ended | Unpicked | undefined> {
  if (!(await permits.takeUpstream(pool.upstream))) return undefined
  const full = new Set<Peer>()
  let chosen: Chosen | Ended | Unpicked = first
  while (isChosen(chosen) && chosen.peer && !(await takeTarget(permits, chosen.peer))) {
    // A plugin may insist on a target that is full.
    if (full.has(chosen.peer)) return undefined
    full.add(chosen.peer)
    chosen = await choose(full)
  }
  return chosen === 'tried' ? undefined : chosen
}

function takeTarget(permits: Permits, { place }: Peer): Awaitable<boolean> {
  return place.target === undefined || permits.takeTarget(place.target)
}

function isChosen(found: Chosen | Ended | Unpicked): found is Chosen {
  return typeof found !== 'string' && !(found instanceof Ended)
}
