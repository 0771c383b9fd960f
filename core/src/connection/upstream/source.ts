import type { Awaitable, ChosenTarget, Target } from '@kong-ts/pdk'
import type { HostSelection, Location } from '../../balancing/host-selections.ts'
import type { Peer } from '../../balancing/peer.ts'
import type { Pool } from '../../balancing/pool.ts'
import { RoundRobin } from '../../balancing/round-robin.ts'
import { Selection, type Unpicked } from '../../balancing/selection.ts'
import type { Ending } from '../../errors/endings.ts'
import { after } from '../after.ts'
import { Ended } from '../ended.ts'
import type { Matched } from '../phases/preread.ts'
import { patienceOf, withPatience } from './with-patience.ts'

/** Where the targets of a connection come from. */
export interface Source {
  /** As things stand; to be asked for anew after every wait. */
  readonly selection: Selection
  /** Of the upstream that the service names; undefined: the service names a host. */
  readonly pool: Pool | undefined
  /** Why a host has no address. */
  readonly error: string | undefined
}

/** What is connected to: a peer, or whatever else a plugin has named. */
export interface Chosen {
  readonly target: Target
  readonly peer: Peer | undefined
  /** A plugin has chosen it, whatever the balancer would have. */
  readonly byPlugin?: true
  /** What that plugin has said of it. */
  readonly terms?: TargetTerms
}

/** What of the service's settings a plugin has replaced. */
export type TargetTerms = Pick<ChosenTarget, 'tls' | 'timeouts'>

/** The pool of an upstream, or the addresses of a host. */
export function sourceOf(matched: Matched): Awaitable<Source> {
  const { session, service } = matched
  const { configuration } = session.host
  const pool = configuration.poolOf(service)
  if (pool) return pool.expected() ? untilExpected(matched, pool) : fromPool(pool)
  return after(locate(matched, service), fromHost)
}

/** The addresses of a host; none when its name is not resolved within the time that a connect may take. */
export function locate(matched: Matched, location: Location): Awaitable<HostSelection> {
  const found = matched.session.host.hosts.of(location)
  if (!(found instanceof Promise)) return found
  return withPatience(matched, found).then((late = inVain(matched)) => late)
}

/** How it is told that a host has no address. */
export function wordNowhere({ host }: Location, error: string | undefined): string {
  return error === undefined ? `${host} has no address` : `${host} has no address: ${error}`
}

function inVain({ service }: Matched): HostSelection {
  const error = `its name was not resolved within ${patienceOf(service)} ms`
  return { selection: nowhere, error }
}

/** Names are asked for when a target is configured; a connection that comes at once waits for the first of them. */
async function untilExpected(matched: Matched, pool: Pool): Promise<Source> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const look = (): void => {
    const wait = pool.expected()
    if (wait) void wait.then(look)
    else resolve()
  }
  look()
  await withPatience(matched, promise)
  return fromPool(pool)
}

function fromPool(pool: Pool): Source {
  return new PoolSource(pool)
}

class PoolSource implements Source {
  readonly pool: Pool
  readonly error: undefined

  constructor(pool: Pool) {
    this.pool = pool
  }

  get selection(): Selection {
    return this.pool.selection
  }
}

function fromHost({ selection, error }: HostSelection): Source {
  return { selection, error, pool: undefined }
}

/** Of a host whose name was not resolved in time. */
const nowhere = new Selection(new RoundRobin({ now: Date.now, random: Math.random }))

const refusals: Readonly<Record<Unpicked, Ending>> = {
  none: 'upstream.targets.none',
  unhealthy: 'upstream.targets.unhealthy',
  tried: 'gateway.target.none',
}

/** How a connection ends that could not even be tried. */
export function refusalOf({ service }: Matched, { pool, error }: Source, why: Unpicked): Ended {
  if (!pool) return new Ended('upstream.dns.failed', wordNowhere(service, error))
  return new Ended(refusals[why], `upstream ${pool.upstream.name}`)
}
