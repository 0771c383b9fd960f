import type { ToSupervisor, ToWorker } from '../../balancing/messages.ts'
import type { Delta } from '../../entities/rows.ts'

/** A worker, as far as it is told of upstreams. What is told keeps its order; it may be lost with a dead worker. */
export interface Told {
  tell(message: ToWorker): void
}

/**
 * A part of the supervisor that deals with upstreams. What is told to a worker before it takes traffic is known to it
 * when it does. None of these may throw: what they hear of has happened already.
 */
export interface Upstreams {
  /** A worker starts, and knows nothing yet: it is to be told the present state at once. */
  join(worker: Told): void
  /** A worker is gone, and everything that it said was received. Its connections are gone, too. */
  leave(worker: Told): void
  /** A worker that has joined says something. */
  receive(worker: Told, message: ToSupervisor): void
  /** A change was committed, wherever it came from: the entities hold it, and every worker follows it. */
  follow(delta: Delta): void
}

/** Several parts as one; each hears everything. */
export function together(...parts: readonly Upstreams[]): Upstreams {
  return {
    join: (worker) => parts.forEach((part) => part.join(worker)),
    leave: (worker) => parts.forEach((part) => part.leave(worker)),
    receive: (worker, message) => parts.forEach((part) => part.receive(worker, message)),
    follow: (delta) => parts.forEach((part) => part.follow(delta)),
  }
}
