import type { Outcome, ToSupervisor } from './messages.ts'
import type { Peer } from './peer.ts'

/** What the supervisor is to be told. */
export interface Wanted {
  /** Live connections by peer. */
  readonly loads: boolean
  /** Tries that succeeded; those that failed are always told. */
  readonly successes: boolean
}

/** What has happened with the peers of a pool since the supervisor was last told. */
export class News {
  readonly #outcomes = new Map<string, Partial<Record<Outcome, number>>>()
  readonly #moved = new Set<Peer>()
  /** What was told last, where it was not nothing. */
  readonly #told = new Map<Peer, number>()
  #wanted: Wanted = { loads: false, successes: false }

  /** Says whether there is something to tell. */
  want(wanted: Wanted, peers: Iterable<Peer>): boolean {
    const before = this.#wanted
    this.#wanted = wanted
    if (wanted.loads !== before.loads) {
      for (const peer of wanted.loads ? peers : this.#told.keys()) this.#moved.add(peer)
    }
    return this.#moved.size > 0
  }

  /** The number of a peer's connections has changed. Says whether there is something to tell. */
  moved(peer: Peer): boolean {
    if (this.#wanted.loads) this.#moved.add(peer)
    return this.#wanted.loads
  }

  /** Says whether there is something to tell. */
  tried({ key }: Peer, outcome: Outcome): boolean {
    if (outcome === 'success' && !this.#wanted.successes) return false
    const outcomes = this.#outcomes.get(key) ?? {}
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1
    this.#outcomes.set(key, outcomes)
    return true
  }

  take(upstream: string): readonly ToSupervisor[] {
    const tried = Array.from(this.#outcomes, ([peer, outcomes]) => {
      return { type: 'tried' as const, upstream, peer, outcomes }
    })
    this.#outcomes.clear()
    const counts = this.#takeCounts()
    return counts.length === 0 ? tried : [...tried, { type: 'loads', upstream, counts }]
  }

  #takeCounts(): (readonly [peer: string, connections: number])[] {
    const counts: (readonly [string, number])[] = []
    for (const peer of this.#moved) {
      const count = this.#wanted.loads ? peer.own : 0
      if (count === (this.#told.get(peer) ?? 0)) continue
      if (count === 0) this.#told.delete(peer)
      else this.#told.set(peer, count)
      counts.push([peer.key, count])
    }
    this.#moved.clear()
    return counts
  }
}
