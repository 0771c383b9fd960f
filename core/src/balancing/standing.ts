import type { Loads, Health, PeerHealth, ToWorker } from './messages.ts'

/**
 * What a worker was told of the peers of upstreams, whether it knows them yet or not: word of a peer may come before
 * the name that leads to it is resolved here.
 */
export class Standing {
  readonly #health = new Map<string, Map<string, PeerHealth>>()
  readonly #loads = new Map<string, Map<string, number>>()
  readonly #listeners = new Map<string, (message: ToWorker) => void>()

  /** Takes what the supervisor says, and passes it on to who follows the upstream. */
  receive(message: ToWorker): void {
    if (message.type === 'health') this.#noteHealth(message)
    if (message.type === 'loads') this.#noteLoads(message)
    this.#listeners.get(message.upstream)?.(message)
  }

  /** Undefined for a peer that is available, and always has been. */
  healthOf(upstream: string, peer: string): PeerHealth | undefined {
    return this.#health.get(upstream)?.get(peer)
  }

  /** Live connections that the other workers have with a peer. */
  loadOf(upstream: string, peer: string): number {
    return this.#loads.get(upstream)?.get(peer) ?? 0
  }

  /** From now on `hear` is called with every message about an upstream, after it was noted here. */
  follow(upstream: string, hear: (message: ToWorker) => void): void {
    this.#listeners.set(upstream, hear)
  }

  /** The upstream is gone. */
  forget(upstream: string): void {
    this.#listeners.delete(upstream)
    this.#health.delete(upstream)
    this.#loads.delete(upstream)
  }

  #noteHealth({ upstream, peers }: Health): void {
    const known = entryOf(this.#health, upstream)
    for (const each of peers) {
      if (each.available && each.recovered === undefined) known.delete(each.peer)
      else known.set(each.peer, each)
    }
  }

  #noteLoads({ upstream, counts }: Loads): void {
    const known = entryOf(this.#loads, upstream)
    for (const [peer, connections] of counts) {
      if (connections > 0) known.set(peer, connections)
      else known.delete(peer)
    }
  }
}

function entryOf<V>(byUpstream: Map<string, Map<string, V>>, upstream: string): Map<string, V> {
  const known = byUpstream.get(upstream)
  if (known) return known
  const made = new Map<string, V>()
  byUpstream.set(upstream, made)
  return made
}
