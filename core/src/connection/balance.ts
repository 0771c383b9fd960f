import type { Awaitable, ChosenTarget, Rejection, Target, TargetTimeouts } from '@kong-ts/pdk'
import { isRejection } from '@kong-ts/pdk/host'
import type { Outcome } from '../balancing/messages.ts'
import type { Peer } from '../balancing/peer.ts'
import type { Ask } from '../balancing/picker.ts'
import { peerKey } from '../balancing/places.ts'
import type { Unpicked } from '../balancing/selection.ts'
import type { Service } from '../entities/rows.ts'
import type { Ending } from '../errors/endings.ts'
import type { Answer } from '../pipeline/walk.ts'
import type { Outbound } from '../transport/transport.ts'
import { Ended, rejectedBy } from './ended.ts'
import { evict } from './evict.ts'
import { findRoom, type Choose } from './find-room.ts'
import { hashKey } from './hash-key.ts'
import type { Matched } from './preread.ts'
import { reach, type Reached } from './reach.ts'
import type { Targets } from './seen.ts'
import type { Session } from './session.ts'
import { refusalOf, sourceOf, type Chosen, type Source } from './source.ts'

/** A connection with an upstream that answers. */
export interface Connected {
  readonly matched: Matched
  readonly target: Target
  readonly outbound: Outbound
  /** In place of the service's. */
  readonly timeouts?: TargetTimeouts
}

/** Kong's default where a service says null. */
const defaultRetries = 5

/**
 * Phase balance: asks for a target and connects; a failed one is not picked again before all others have failed, too.
 * This loop is the only retry there is, bounded by the service's `retries`. The addresses of a host that is no
 * upstream are tried once each.
 */
export async function balance(matched: Matched): Promise<Connected | Ended> {
  const { session, service } = matched
  const finding = sourceOf(matched)
  const source = finding instanceof Promise ? await finding : finding
  const ask = askOf(matched, source)
  const tries = triesOf(service)
  let last: Ended | undefined
  for (let failed = 0; failed < tries && !session.stopped; failed++) {
    const tried = await tryOnce(matched, source, ask, failed)
    if (typeof tried === 'string') return last ?? refusalOf(matched, source, tried)
    if (!(tried instanceof Failed)) return tried
    last = tried.ended
  }
  return last ?? new Ended('gateway.target.none')
}

function triesOf({ retries }: Service): number {
  return 1 + (retries ?? defaultRetries)
}

/** How it ends, unless another try succeeds. */
class Failed {
  readonly ended: Ended
  constructor(ended: Ended) {
    this.ended = ended
  }
}

async function tryOnce(
  matched: Matched,
  source: Source,
  ask: Asking,
  failed: number,
): Promise<Connected | Ended | Failed | Unpicked> {
  const choosing = find(matched, source, ask, failed)
  const chosen = choosing instanceof Promise ? await choosing : choosing
  if (typeof chosen === 'string' || chosen instanceof Ended) return chosen
  const reached = await attempt(matched, source, chosen)
  if (!(reached instanceof Ended)) {
    const { target, terms } = chosen
    const connected = { matched, target, outbound: reached.outbound }
    return terms?.timeouts ? { ...connected, timeouts: terms.timeouts } : connected
  }
  if (chosen.peer) ask.tried.add(chosen.peer)
  return new Failed(reached)
}

/** Who is to be connected to, as the balancer or a plugin chooses; where there are limits, once there is room. */
function find(
  matched: Matched,
  source: Source,
  ask: Asking,
  failed: number,
): Awaitable<Chosen | Ended | Unpicked> {
  const { pool } = source
  if (pool?.isLimited) return findRoom(matched, pool, chooserOf(matched, source, ask, failed))
  const peer = pick(source, ask)
  if (typeof peer === 'string') return peer
  return choose(matched, () => rank(source, ask, peer), { failed, peer, source })
}

/** Plugins that leave the choice to the balancer have had their say, however often it chooses until there is room. */
function chooserOf(matched: Matched, source: Source, ask: Asking, failed: number): Choose {
  let isLeft = false
  const heed = (chosen: Chosen | Ended): Chosen | Ended => {
    isLeft = !(chosen instanceof Ended) && chosen.byPlugin !== true
    return chosen
  }
  return (full) => {
    const peer = full.size === 0 ? pick(source, ask) : source.selection.pick(without(ask, full))
    if (typeof peer === 'string') return peer
    if (isLeft) return { target: targetOf(peer), peer }
    const targets = (): Targets => rank(source, without(ask, full), peer)
    const chosen = choose(matched, targets, { failed, peer, source })
    return chosen instanceof Promise ? chosen.then(heed) : heed(chosen)
  }
}

interface Asking extends Ask {
  readonly tried: Set<Peer>
}

function askOf({ session }: Matched, { pool }: Source): Asking {
  return {
    tried: new Set(),
    key: () => pool && hashKey(pool.upstream, session.seen),
  }
}

function without(ask: Ask, full: ReadonlySet<Peer>): Ask {
  return { tried: new Set([...ask.tried, ...full]), key: () => ask.key() }
}

function pick({ selection, pool }: Source, ask: Asking): Peer | Unpicked {
  const picked = selection.pick(ask)
  if (picked !== 'tried' || !pool) return picked
  ask.tried.clear()
  return selection.pick(ask)
}

function rank({ selection }: Source, ask: Ask, first: Peer): Targets {
  const [, ...others] = selection.rank(ask, first)
  return [targetOf(first), ...others.map(targetOf)]
}

function targetOf({ place }: Peer): Target {
  return { host: place.ip, port: place.port }
}

interface Picked {
  readonly source: Source
  readonly peer: Peer
  /** How many connects have failed before. */
  readonly failed: number
}

function choose(
  matched: Matched,
  targets: () => Targets,
  picked: Picked,
): Awaitable<Chosen | Ended> {
  const { session } = matched
  const balancing = session.seen.balancing(matched, targets, picked.failed)
  const asked = session.pipeline.phases.balance(session.walk(balancing))
  return asked instanceof Promise
    ? asked.then((answer) => follow(answer, picked))
    : follow(asked, picked)
}

function follow(
  answer: Answer<ChosenTarget | Rejection> | undefined,
  { source, peer }: Picked,
): Chosen | Ended {
  if (!answer) return { target: targetOf(peer), peer }
  const { plugin, value } = answer
  if (isRejection(value)) return rejectedBy({ plugin, value })
  // Only what a target is: a plugin's object may carry more, and may change later.
  const target = { host: value.host, port: value.port }
  const named = source.selection.find(peerKey(target.host, target.port))
  const chosen = { target, peer: named, byPlugin: true } as const
  const { tls, timeouts } = value
  if (tls === undefined && timeouts === undefined) return chosen
  return { ...chosen, terms: { tls: tls && { ...tls }, timeouts: timeouts && { ...timeouts } } }
}

const outcomes: { readonly [E in Ending]?: Outcome } = {
  'upstream.connect.refused': 'tcp_failure',
  'upstream.connect.unreachable': 'tcp_failure',
  'upstream.connect.failed': 'tcp_failure',
  'upstream.connect.timeout': 'timeout',
  'upstream.tls.failed': 'tls_failure',
  'upstream.tls.unverified': 'tls_failure',
  'upstream.reset': 'reset',
}

/** One try; a peer of an upstream is told of it, and has the connection until that ends. */
async function attempt(
  matched: Matched,
  { pool }: Source,
  chosen: Chosen,
): Promise<Reached | Ended> {
  const { session } = matched
  session.use?.end()
  const use = chosen.peer && pool?.begin(chosen.peer, () => evict(session))
  session.use = use
  const begun = performance.now()
  const reached = await reach(matched, { ...chosen, upstream: pool?.upstream })
  if (!(reached instanceof Ended)) use?.connected(reached.took)
  else use?.failed(outcomeOf(session, reached), performance.now() - begun)
  return reached
}

/** Nothing can be said against a peer when it was not the one to fail. */
function outcomeOf({ stopped }: Session, { ending }: Ended): Outcome | undefined {
  return stopped ? undefined : outcomes[ending]
}
