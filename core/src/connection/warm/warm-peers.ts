import type { Outcome } from '../../balancing/messages.ts'
import type { TargetRow, Upstream } from '../../entities/rows.ts'
import { TransportError, type TransportFailure } from '../../transport/transport.ts'
import { warmShare, type Part } from './warm-share.ts'

/** An address of a target, as far as connections to it are kept ready. */
export interface WarmPeer {
  readonly key: string
  readonly available: boolean
  readonly place: {
    readonly ip: string
    readonly port: number
    /** What the target is called. */
    readonly host: string
    readonly weight: number
    readonly spare: string | undefined
    readonly target: TargetRow | undefined
  }
}

/** An upstream, as far as connections to it are kept ready. */
export interface WarmPool {
  readonly upstream: Upstream
  /** As things stand. */
  readonly peers: Iterable<WarmPeer>
  /** How a connect to one of its peers went. */
  tried(peer: WarmPeer, outcome: Outcome): void
}

/** Idle connections that a worker is to keep. */
export interface Wanted {
  readonly pool: WarmPool
  readonly peer: WarmPeer
  /** The id of its target. */
  readonly target: string
  /** How many of them this worker has, and how many the node has to all addresses of the target. */
  readonly share: number
  readonly whole: number
}

/** What one worker is to keep of the idle connections of an upstream: to targets that take new connections, alone. */
export function wantedOf(pool: WarmPool, worker: Part): readonly Wanted[] {
  const whole = pool.upstream.preconnect ?? 0
  if (whole === 0) return []
  const peers = [...pool.peers].filter(({ available, place }) => available && place.weight > 0)
  const byTarget = Map.groupBy(peers, ({ place }) => place.target?.id ?? '')
  return [...byTarget].flatMap(([target, group]) => {
    // Every worker has them in this order.
    const inOrder = group.toSorted((a, b) => (a.key < b.key ? -1 : 1))
    return inOrder.map((peer, index): Wanted => {
      const share = warmShare(whole, worker, { index, of: inOrder.length })
      return { pool, peer, target, share, whole }
    })
  })
}

const outcomes: { readonly [F in TransportFailure]?: Outcome } = {
  timeout: 'timeout',
  handshake: 'tls_failure',
  unverified: 'tls_failure',
  reset: 'reset',
}

/** How a connect went, from what it failed with, if it did. */
export function outcomeOf(error: unknown): Outcome {
  if (error === undefined) return 'success'
  return (error instanceof TransportError && outcomes[error.failure]) || 'tcp_failure'
}
