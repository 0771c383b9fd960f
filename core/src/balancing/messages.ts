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

/** A connection wants to wait where all targets are full; `ticket` is the worker's name for it. */
export interface Join {
  readonly type: 'queue.join'
  readonly upstream: string
  readonly ticket: number
  /** How many may wait on this node. */
  readonly size: number
}

/** It waits no longer: it has what it waited for, or does not want it any more. */
export interface Leave {
  readonly type: 'queue.leave'
  readonly upstream: string
  readonly ticket: number
}

/** It would rather wait, but goes first where somebody else would find no place. */
export interface Yield {
  readonly type: 'queue.yield'
  readonly upstream: string
  readonly ticket: number
}

/** There may be room for a connection that waits. */
export interface Freed {
  readonly type: 'queue.freed'
  readonly upstream: string
}

/** The connection is the first that waits, and may find room: it is to try. */
export interface Turn {
  readonly type: 'queue.turn'
  readonly upstream: string
  readonly ticket: number
}

/** There is no place in the queue for this connection, or none any more. */
export interface Full {
  readonly type: 'queue.full'
  readonly upstream: string
  readonly ticket: number
}

/** Whether connections wait, on whatever worker: then new ones wait behind them, and what is freed is told. */
export interface Waiting {
  readonly type: 'queue.waiting'
  readonly upstream: string
  readonly waiting: boolean
}

export type FromQueue = Join | Leave | Yield | Freed
export type ToQueue = Turn | Full | Waiting

export type ToSupervisor = Tried | Loads | FromQueue
export type ToWorker = Health | Loads | Close | ToQueue

export function isFromQueue(message: ToSupervisor): message is FromQueue {
  return message.type.startsWith('queue.')
}

export function isToQueue(message: ToWorker): message is ToQueue {
  return message.type.startsWith('queue.')
}
