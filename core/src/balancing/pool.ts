import { markOf } from '../entities/plan-mark.ts'
import type { TargetRow, Upstream } from '../entities/rows.ts'
import { mindsLoads, pickerOf } from './algorithms.ts'
import { Evictions, type Later } from './evictions.ts'
import { countsPassively, thresholdOf } from './health-options.ts'
import { Member } from './member.ts'
import type { Health, Loads, Outcome, ToSupervisor, ToWorker } from './messages.ts'
import type { Names } from './names.ts'
import { News } from './news.ts'
import type { Peer } from './peer.ts'
import type { Surroundings } from './picker.ts'
import { Roster } from './roster.ts'
import { Selection } from './selection.ts'
import type { Standing } from './standing.ts'
import { Use, type Books } from './use.ts'

/** Milliseconds after which a peer can no longer be said to have accepted only to reset. */
const settleTime = 1_000

/** What a pool needs from the worker it lives in. */
export interface PoolParts extends Surroundings {
  readonly names: Names
  readonly standing: Standing
  readonly later: Later
  /** There is news of this pool for the supervisor. */
  announce(pool: Pool): void
}

/**
 * An upstream with its targets, on a worker: their addresses as peers, how these do, and who is picked. Changes are
 * noted and followed at the next pick, so that many of them cost one rebuild.
 */
export class Pool implements Books {
  readonly #parts: PoolParts
  readonly #members = new Map<string, Member>()
  readonly #roster = new Roster()
  readonly #news = new News()
  readonly #evictions: Evictions
  #row: Upstream
  #selection: Selection
  #stale: 'nothing' | 'health' | 'places' = 'places'
  /** Whether the name of some target has not been resolved yet. */
  #expecting = false
  #arrival = Promise.withResolvers<void>()

  constructor(row: Upstream, parts: PoolParts) {
    this.#row = row
    this.#parts = parts
    this.#selection = new Selection(pickerOf(row, parts))
    this.#evictions = new Evictions(parts.later)
    this.#want()
    parts.standing.follow(row.id, (message) => this.#hear(message))
  }

  get upstream(): Upstream {
    return this.#row
  }

  /** The upstream has changed; its connections and what is known of its peers stay. */
  configure(row: Upstream): void {
    const before = this.#row
    this.#row = row
    if (row.algorithm !== before.algorithm || row.slots !== before.slots) {
      this.#selection = new Selection(pickerOf(row, this.#parts))
    }
    for (const peer of this.#roster.all()) this.#heal(peer)
    this.#want()
    this.#stale = 'places'
  }

  putTarget(row: TargetRow): void {
    const member = this.#members.get(row.id)
    if (member) member.configure(row)
    else this.#members.set(row.id, new Member(row, this.#parts.names, () => this.#arrive()))
    this.#stale = 'places'
  }

  deleteTarget(id: string): void {
    this.#members.get(id)?.close()
    this.#members.delete(id)
    this.#stale = 'places'
  }

  /** Who is picked, as things stand; to be asked for anew after every wait. */
  get selection(): Selection {
    if (this.#stale === 'places') this.#place()
    if (this.#stale !== 'nothing') {
      this.#selection.arrange(this.#roster.placed, thresholdOf(this.#row))
    }
    this.#stale = 'nothing'
    return this.#selection
  }

  /** What to wait for: no target has an address yet, and some may come to have one. Undefined: there is no need to. */
  expected(): Promise<void> | undefined {
    if (this.#stale === 'places') this.#place()
    return this.#expecting && this.#roster.placed.size === 0 ? this.#arrival.promise : undefined
  }

  /**
   * A connection begins to use a peer of this pool.
   * @param evict ends it, because the connections of the peer have to end
   */
  begin(peer: Peer, evict: () => void): Use {
    return new Use(peer, this, evict)
  }

  now(): number {
    return this.#parts.now()
  }

  moved(peer: Peer): void {
    this.#roster.release(peer)
    this.#selection.moved(peer)
    if (this.#news.moved(peer)) this.#parts.announce(this)
  }

  tried(peer: Peer, outcome: Outcome): void {
    if (this.#news.tried(peer, outcome)) this.#parts.announce(this)
  }

  settle(call: () => void): void {
    if (countsPassively(this.#row)) this.#parts.later(settleTime, call)
  }

  /** What the supervisor has not been told yet. */
  takeNews(): readonly ToSupervisor[] {
    return this.#news.take(this.#row.id)
  }

  /** The upstream is gone: there is nobody to pick; connections that live on end by themselves. */
  close(): void {
    for (const member of this.#members.values()) member.close()
    this.#members.clear()
    this.#stale = 'places'
    this.#parts.standing.forget(this.#row.id)
  }

  #arrive(): void {
    this.#stale = 'places'
    const arrived = this.#arrival
    this.#arrival = Promise.withResolvers()
    arrived.resolve()
  }

  #place(): void {
    const members = [...this.#members.values()]
    const useSrvName = this.#row.use_srv_name ?? false
    const places = members.flatMap((member) => member.places(useSrvName))
    this.#roster.place(places, (peer) => this.#meet(peer))
    for (const peer of this.#roster.placed.values()) this.#heal(peer)
    this.#expecting = members.some(({ known }) => !known)
    this.#stale = 'health'
  }

  #meet(peer: Peer): void {
    peer.others = this.#parts.standing.loadOf(this.#row.id, peer.key)
  }

  #heal(peer: Peer): void {
    const told = this.#parts.standing.healthOf(this.#row.id, peer.key) ?? { available: true }
    const { target } = peer.place
    // An operator's word holds for an address that the supervisor has yet to hear of, too.
    const isDown = target !== undefined && markOf(target, peer.key) === false
    peer.heal(isDown ? { available: false } : told, (this.#row.slow_start ?? 0) * 1000)
  }

  #hear(message: ToWorker): void {
    switch (message.type) {
      case 'health':
        return this.#hearHealth(message)
      case 'loads':
        return this.#hearLoads(message)
      case 'close': {
        const peer = this.#roster.get(message.peer)
        if (peer) this.#evictions.begin(peer, message.window)
      }
    }
  }

  #hearHealth({ peers }: Health): void {
    for (const { peer: key, available } of peers) {
      const peer = this.#roster.get(key)
      if (!peer) continue
      this.#heal(peer)
      if (available) this.#evictions.stop(peer)
    }
    if (this.#stale === 'nothing') this.#stale = 'health'
  }

  #hearLoads({ counts }: Loads): void {
    for (const [key, connections] of counts) {
      const peer = this.#roster.get(key)
      if (!peer) continue
      peer.others = connections
      this.#selection.moved(peer)
    }
  }

  #want(): void {
    const wanted = { loads: mindsLoads(this.#row), successes: countsPassively(this.#row) }
    if (this.#news.want(wanted, this.#roster.all())) this.#parts.announce(this)
  }
}
