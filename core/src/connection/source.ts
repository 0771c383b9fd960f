import type { Awaitable } from '@kong-ts/pdk'
import type { Pool } from '../balancing/pool.ts'
import type { Selection, Unpicked } from '../balancing/selection.ts'
import type { Ending } from '../errors/endings.ts'
import { Ended } from './ended.ts'
import type { Matched } from './preread.ts'

/** Where the targets of a connection come from. */
export interface Source {
  /** As things stand; to be asked for anew after every wait. */
  readonly selection: Selection
  /** Of the upstream that the service names; undefined: the service names a host. */
  readonly pool: Pool | undefined
}

/** The pool of an upstream, or the addresses of a host. */
export function sourceOf({ session, service }: Matched): Awaitable<Source> {
  const { configuration, hosts } = session.host
  const pool = configuration.poolOf(service)
  if (pool) return pool.expected() ? untilExpected(pool) : fromPool(pool)
  const selection = hosts.of(service)
  return selection instanceof Promise
    ? selection.then((late) => ({ selection: late, pool: undefined }))
    : { selection, pool: undefined }
}

/** Names are asked for when a target is configured; a connection that comes at once waits for the first of them. */
async function untilExpected(pool: Pool): Promise<Source> {
  for (let wait = pool.expected(); wait; wait = pool.expected()) await wait
  return fromPool(pool)
}

function fromPool(pool: Pool): Source {
  return {
    pool,
    get selection() {
      return pool.selection
    },
  }
}

const refusals: Readonly<Record<Unpicked, Ending>> = {
  none: 'upstream.targets.none',
  unhealthy: 'upstream.targets.unhealthy',
  tried: 'gateway.target.none',
}

/** How a connection ends that could not even be tried. */
export function refusalOf({ service }: Matched, { pool }: Source, why: Unpicked): Ended {
  if (!pool) return new Ended('upstream.dns.failed', `${service.host} has no address`)
  return new Ended(refusals[why], `upstream ${pool.upstream.name}`)
}
