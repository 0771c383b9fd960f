import { isDeepStrictEqual } from 'node:util'
import type { Counters, Log } from '@kong-ts/pdk'
import { messageOf } from '../../errors/message-of.ts'
import {
  TransportError,
  type ClientTls,
  type Outbound,
  type Transport,
} from '../../transport/transport.ts'
import { connectEither } from '../upstream/either-address.ts'
import { Refills } from './refills.ts'
import type { Pause } from '../pause.ts'
import { outcomeOf, wantedOf, type WarmPeer, type WarmPool, type Wanted } from './warm-peers.ts'
import type { Part } from './warm-share.ts'
import { WarmShelf, type Warm } from './warm-shelf.ts'

/** Milliseconds between two looks at which connections are wanted. */
const lookEvery = 500
/** Connects of a worker at the same time. */
const together = 8
/** Milliseconds for a connect, its handshake included. */
const connectTime = 10_000

/** How a connection is spoken on. */
export interface Way {
  readonly tls: ClientTls | undefined
}

export interface PreconnectParts {
  readonly connect: Transport['connect']
  /** Count the idle connections of the node. */
  readonly counters: Counters
  /** Which of the node's workers this is. */
  readonly worker: Part
  /** Seconds of silence before the kernel probes a peer. */
  readonly keepAlive: number
  readonly log: Log
  /** Of all upstreams. */
  readonly pools: () => Iterable<WarmPool>
  /** How clients will speak to the peer; undefined: no connection can be of use to a client that is still to come. */
  readonly wayTo: (pool: WarmPool, peer: WarmPeer) => Way | undefined
  readonly pause: Pause
  /** Resolves when everything that has arrived by now was seen. */
  readonly turn: () => Promise<void>
}

interface Kept {
  readonly shelf: WarmShelf
  readonly way: Way
  wanted: Wanted
}

/**
 * Idle connections of a worker to the targets of those upstreams that ask for some. They are no clients' connections:
 * they do not count for max_connections, nor for the balancer.
 */
export class Preconnections {
  readonly #parts: PreconnectParts
  readonly #refills = new Refills(together)
  readonly #kept = new Map<WarmPeer, Kept>()
  #callOff: (() => void) | undefined
  #isClosed = false

  constructor(parts: PreconnectParts) {
    this.#parts = parts
  }

  /** Looks which connections are wanted: now, and every now and then while an upstream asks for some. */
  follow(): void {
    if (this.#isClosed) return
    this.#callOff?.()
    this.#callOff = undefined
    const pools = [...this.#parts.pools()].filter(({ upstream }) => upstream.preconnect)
    const wanted = pools.flatMap((pool) => wantedOf(pool, this.#parts.worker))
    const shelved = new Set(wanted.filter((each) => this.#want(each)).map(({ peer }) => peer))
    for (const [peer, { shelf }] of this.#kept) {
      if (shelved.has(peer)) continue
      shelf.aim(0)
      this.#kept.delete(peer)
    }
    if (pools.length > 0) this.#callOff = this.#parts.pause(lookEvery, () => this.follow())
  }

  /** An idle connection whose peer has neither spoken nor left; undefined, without waiting, where none is kept. */
  take(peer: WarmPeer, tls: ClientTls | undefined): Promise<Warm | undefined> | undefined {
    const kept = this.#kept.get(peer)
    return kept && isDeepStrictEqual(kept.way.tls, tls) ? kept.shelf.take() : undefined
  }

  /** Closes them, for good. */
  close(): void {
    this.#isClosed = true
    this.#callOff?.()
    for (const { shelf } of this.#kept.values()) shelf.aim(0)
    this.#kept.clear()
  }

  /** Whether they can be of use. */
  #want(wanted: Wanted): boolean {
    const { pool, peer } = wanted
    const way = this.#parts.wayTo(pool, peer)
    if (!way) return false
    const before = this.#kept.get(peer)
    const kept =
      before && before.wanted.target === wanted.target && isDeepStrictEqual(before.way, way)
        ? before
        : this.#shelve(wanted, way)
    if (kept !== before) before?.shelf.aim(0)
    this.#kept.set(peer, kept)
    kept.wanted = wanted
    kept.shelf.aim(wanted.share)
    return true
  }

  #shelve(first: Wanted, way: Way): Kept {
    const { counters, pause, turn, log } = this.#parts
    const { pool, peer, target } = first
    const key = `preconnect:${target}`
    const shelf: WarmShelf = new WarmShelf({
      connect: () => this.#connect(kept.wanted.peer, way),
      permits: {
        take: () => counters.take(key, kept.wanted.whole),
        release: () => counters.release(key),
      },
      tried: (error) => {
        pool.tried(peer, outcomeOf(error))
        if (error === undefined || error instanceof TransportError) return
        log.error({ error: messageOf(error) }, 'the gateway failed to preconnect')
      },
      needy: () => this.#refills.nudge(shelf),
      speaksFirst: (milliseconds) => {
        const fields = { upstream: pool.upstream.name, target: peer.key, milliseconds }
        log.warn(fields, 'preconnect pauses: the target speaks before its client')
      },
      pause,
      turn,
      now: () => performance.now(),
      random: Math.random,
    })
    const kept: Kept = { shelf, way, wanted: first }
    return kept
  }

  #connect({ place }: WarmPeer, { tls }: Way): Promise<Outbound> {
    const options = {
      deadline: performance.now() + connectTime,
      keepAlive: this.#parts.keepAlive,
      ...(tls && { tls }),
    }
    return connectEither(
      { first: place.ip, spare: place.spare },
      {
        open: (address) => this.#parts.connect({ address, port: place.port }, options),
        decided: () => undefined,
      },
      this.#parts.pause,
    )
  }
}
