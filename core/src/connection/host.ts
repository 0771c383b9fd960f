import type { Counters, Log, Summary } from '@kong-ts/pdk'
import type { HostSelections } from '../balancing/host-selections.ts'
import type { Names } from '../balancing/names.ts'
import type { Queues } from '../balancing/queues.ts'
import type { Configuration } from '../gateway/configuration.ts'
import type { Ended } from './ended.ts'
import type { LiveConnections, Placed } from './live-connections.ts'
import type { Preconnections } from './warm/preconnections.ts'

/** Milliseconds, unless stated. */
export interface Limits {
  /** For a PROXY header, where one is expected. */
  readonly proxyTimeout: number
  readonly prereadTimeout: number
  readonly prereadSilence: number
  /** Bytes of a client that are looked at before it is routed. */
  readonly prereadBuffer: number
  readonly handshakeTimeout: number
  /** Connections of the whole node; 0: no limit. */
  readonly maxConnections: number
  /** Seconds of silence before the kernel probes a peer. */
  readonly keepAlive: number
}

/** A connection, as far as somebody outside may act on it. */
export interface Live extends Placed {
  /** Ends it, with this ending in the log; a later `rst` cuts an orderly end short. */
  stop(ended: Ended, how?: 'fin' | 'rst'): void
}

/** What can be given up before it is done. */
export interface Interruptible {
  interrupt(): void
}

/** What a connection needs from the worker it lives in. */
export interface Host {
  readonly configuration: Configuration
  readonly limits: Limits
  readonly counters: Counters
  readonly queues: Queues
  readonly preconnections: Pick<Preconnections, 'take'>
  readonly names: Names
  /** The addresses of services that name no upstream. */
  readonly hosts: HostSelections
  /** Whether this node listens there for clients. */
  isOwn(ip: string, port: number): boolean
  readonly log: Log
  /** PEM certificates that verify upstreams when a service names none; undefined: the system's. */
  readonly trusted: readonly string[] | undefined
  /** What is shown to upstreams that ask, when a service names none. */
  readonly clientCertificate: { readonly cert: string; readonly key: string } | undefined
  /** Who may say in a PROXY header who the client is. */
  readonly senders: { has(address: string): boolean }
  /** Connections that have not ended. */
  readonly live: LiveConnections<Live>
  /** Called once for every connection that has ended. */
  record(summary: Summary): void
}
