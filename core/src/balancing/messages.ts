/**
 * Plain data between a worker and the supervisor about the upstreams. A peer is one address of a target and goes by
 * its `ip:port`, IPv6 in brackets; an upstream goes by its id.
 */

/**
 * How a try to use a peer went: `reset` is before its first byte, `tls_failure` is of the handshake. A success is told
 * once the session has ended, or lived for a second, without such a reset.
 */
export type Outcome = 'success' | 'tcp_failure' | 'timeout' | 'tls_failure' | 'reset'

/**
 * Tries of a worker since it last told of them, each failing one of them counted; successes where the passive checks
 * of the upstream count anything.
 */
export interface Tried {
  readonly type: 'tried'
  readonly upstream: string
  readonly peer: string
  readonly outcomes: Readonly<Partial<Record<Outcome, number>>>
}

/** Live connections by peer, where their number has changed: the worker's own, or those of all others together. */
export interface Loads {
  readonly type: 'loads'
  readonly upstream: string
  readonly counts: readonly (readonly [peer: string, connections: number])[]
}

export interface PeerHealth {
  readonly peer: string
  /** Whether it takes new connections. */
  readonly available: boolean
  /** Milliseconds since the epoch, when it became available after it had not been: slow start counts from there. */
  readonly recovered?: number
}

/** What has changed of the health of peers; a peer that was never told of is available. */
export interface Health {
  readonly type: 'health'
  readonly upstream: string
  readonly peers: readonly PeerHealth[]
}

/** The connections of a peer have to end, spread over so many milliseconds. */
export interface Close {
  readonly type: 'close'
  readonly upstream: string
  readonly peer: string
  readonly window: number
}

export type ToSupervisor = Tried | Loads
export type ToWorker = Health | Loads | Close
