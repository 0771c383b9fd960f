import type { Awaitable, ChosenTarget, Rejection, Target, TargetTimeouts } from '@kong-ts/pdk'
import { isRejection } from '@kong-ts/pdk/host'
import type { Outcome } from '../../balancing/messages.ts'
import type { Peer } from '../../balancing/peer.ts'
import type { Ask } from '../../balancing/picker.ts'
import { peerKey } from '../../balancing/places.ts'
import type { Unpicked } from '../../balancing/selection.ts'
import type { Ending } from '../../errors/endings.ts'
import { nobody } from '../../pipeline/pipeline.ts'
import type { Answer } from '../../pipeline/walk.ts'
import type { Outbound } from '../../transport/transport.ts'
import { after } from '../after.ts'
import { Ended, rejectedBy } from '../ended.ts'
import { evict } from '../room/evict.ts'
import { findRoom, type Choose } from '../room/find-room.ts'
import { hashKey } from '../upstream/hash-key.ts'
import type { Matched } from './preread.ts'
import { reach, type Reached } from '../upstream/reach.ts'
import type { Targets } from '../client/seen.ts'
import type { Session } from '../session.ts'
import { refusalOf, sourceOf, type Chosen, type Source } from '../upstream/source.ts'

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
 * This is the only retry there is, bounded by the service's `retries`. The addresses of a host that is no upstream are
 * tried once each.
 */
export function balance(matched: Matched): Awaitable<Connected | Ended> {
  return after(sourceOf(matched), (source) => new Balancing(matched, source).next())
}

const nobodyTried: ReadonlySet<Peer> = new Set()

/** The tries of one connection, and what they ask for. */
class Balancing implements Ask {
  readonly #matched: Matched
  readonly #source: Source
  #tried = nobodyTried
  #failed = 0
  #last: Ended | undefined

  constructor(matched: Matched, source: Source) {
    this.#matched = matched
    this.#source = source
  }

  get tried(): ReadonlySet<Peer> {
    return this.#tried
  }

  key(): number | undefined {
    const { pool } = this.#source
    return pool && hashKey(pool.upstream, this.#matched.session.seen)
  }

  /** Tries until somebody answers, or it is to be given up. */
  next(): Awaitable<Connected | Ended> {
    const { session, service } = this.#matched
    if (session.stopped || this.#failed >= 1 + (service.retries ?? defaultRetries)) {
      return this.#last ?? new Ended('gateway.target.none')
    }
    return after(this.#find(), (chosen) => this.#attempt(chosen))
  }

  /** Who is to be connected to, as the balancer or a plugin chooses; where there are limits, once there is room. */
  #find(): Awaitable<Chosen | Ended | Unpicked> {
    const matched = this.#matched
    const source = this.#source
    const { pool } = source
    const failed = this.#failed
    if (pool?.isLimited) {
      const pickAny = (): Peer | Unpicked => this.#pick()
      return findRoom(matched, pool, chooserOf(matched, source, this, failed, pickAny))
    }
    const peer = this.#pick()
    if (typeof peer === 'string') return peer
    return choose(matched, () => rank(source, this, peer), { failed, peer, source })
  }

  #pick(): Peer | Unpicked {
    const { selection, pool } = this.#source
    const picked = selection.pick(this)
    if (picked !== 'tried' || !pool) return picked
    this.#tried = nobodyTried
    return selection.pick(this)
  }

  #attempt(chosen: Chosen | Ended | Unpicked): Awaitable<Connected | Ended> {
    if (chosen instanceof Ended) return chosen
    if (typeof chosen === 'string') {
      return this.#last ?? refusalOf(this.#matched, this.#source, chosen)
    }
    return this.#reach(chosen)
  }

  /** One try; a peer of an upstream is told of it, and has the connection until that ends. */
  #reach(chosen: Chosen): Awaitable<Connected | Ended> {
    const { session } = this.#matched
    const { pool } = this.#source
    session.use?.end()
    session.use = chosen.peer && pool?.begin(chosen.peer, () => evict(session))
    const begun = performance.now()
    const { target, peer, terms } = chosen
    const aim = { target, peer, upstream: pool?.upstream, ...(terms && { terms }) }
    return reach(this.#matched, aim).then((reached) => this.#judge(chosen, begun, reached))
  }

  #judge(chosen: Chosen, begun: number, reached: Reached | Ended): Awaitable<Connected | Ended> {
    const { session } = this.#matched
    if (!(reached instanceof Ended)) {
      session.use?.connected(reached.took)
      const { target, terms } = chosen
      const connected = { matched: this.#matched, target, outbound: reached.outbound }
      return terms?.timeouts ? { ...connected, timeouts: terms.timeouts } : connected
    }
    session.use?.failed(outcomeOf(session, reached), performance.now() - begun)
    if (chosen.peer) this.#tried = new Set([...this.#tried, chosen.peer])
    this.#last = reached
    this.#failed += 1
    return this.next()
  }
}

/** Plugins that leave the choice to the balancer have had their say, however often it chooses until there is room. */
function chooserOf(
  matched: Matched,
  source: Source,
  ask: Ask,
  failed: number,
  pickAny: () => Peer | Unpicked,
): Choose {
  let isLeft = false
  const heed = (chosen: Chosen | Ended): Chosen | Ended => {
    isLeft = !(chosen instanceof Ended) && chosen.byPlugin !== true
    return chosen
  }
  return (full) => {
    const peer = full.size === 0 ? pickAny() : source.selection.pick(without(ask, full))
    if (typeof peer === 'string') return peer
    if (isLeft) return { target: targetOf(peer), peer }
    const targets = (): Targets => rank(source, without(ask, full), peer)
    return after(choose(matched, targets, { failed, peer, source }), heed)
  }
}

function without(ask: Ask, full: ReadonlySet<Peer>): Ask {
  return { tried: new Set([...ask.tried, ...full]), key: () => ask.key() }
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
  if (session.pipeline.phases.balance === nobody) return follow(undefined, picked)
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

/** Nothing can be said against a peer when it was not the one to fail. */
function outcomeOf({ stopped }: Session, { ending }: Ended): Outcome | undefined {
  return stopped ? undefined : outcomes[ending]
}
