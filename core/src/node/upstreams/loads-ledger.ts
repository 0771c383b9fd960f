import type { Loads, ToSupervisor } from '../../balancing/messages.ts'
import type { Delta } from '../../entities/rows.ts'
import type { Told, Upstreams } from './upstreams.ts'

/** Live connections by peer; those without any are not in it. */
type Counts = Map<string, number>

/** Tells every worker how many connections all others together have with each peer. */
export class LoadsLedger implements Upstreams {
  /** By worker, then by upstream. */
  readonly #counts = new Map<Told, Map<string, Counts>>()

  join(worker: Told): void {
    this.#counts.set(worker, new Map())
    const upstreams = new Set([...this.#counts.values()].flatMap((each) => [...each.keys()]))
    for (const upstream of upstreams) this.#tell(worker, upstream, this.#peersOf(upstream))
  }

  leave(worker: Told): void {
    const left = this.#counts.get(worker)
    this.#counts.delete(worker)
    for (const [upstream, counts] of left ?? []) this.#tellOthers(worker, upstream, counts.keys())
  }

  receive(worker: Told, message: ToSupervisor): void {
    const own = this.#counts.get(worker)
    if (message.type !== 'loads' || !own) return
    const { upstream, counts } = message
    const known = own.get(upstream) ?? new Map<string, number>()
    for (const [peer, connections] of counts) {
      if (connections > 0) known.set(peer, connections)
      else known.delete(peer)
    }
    if (known.size > 0) own.set(upstream, known)
    else own.delete(upstream)
    const peers = counts.map(([peer]) => peer)
    this.#tellOthers(worker, upstream, peers)
  }

  /** Connections outlive the upstream that they were made for, and end one by one. */
  follow(_delta: Delta): void {}

  #tellOthers(worker: Told, upstream: string, peers: Iterable<string>): void {
    const changed = [...peers]
    for (const other of this.#counts.keys()) {
      if (other !== worker) this.#tell(other, upstream, changed)
    }
  }

  #tell(worker: Told, upstream: string, peers: Iterable<string>): void {
    const counts: Loads['counts'] = Array.from(peers, (peer) => {
      return [peer, this.#countBeside(worker, upstream, peer)]
    })
    if (counts.length > 0) worker.tell({ type: 'loads', upstream, counts })
  }

  #countBeside(worker: Told, upstream: string, peer: string): number {
    let sum = 0
    for (const [other, counts] of this.#counts) {
      if (other !== worker) sum += counts.get(upstream)?.get(peer) ?? 0
    }
    return sum
  }

  #peersOf(upstream: string): Set<string> {
    const all = [...this.#counts.values()]
    return new Set(all.flatMap((each) => [...(each.get(upstream)?.keys() ?? [])]))
  }
}
