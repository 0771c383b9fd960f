import type { Log } from '@kong-ts/pdk'
import type { UpstreamHealth } from '../balancing/target-health.ts'
import type { PlanContext } from '../entities/context.ts'
import type { EntitySet } from '../entities/entity-set.ts'
import type { Plan } from '../entities/plan.ts'
import type { DeclarativeConfig } from '../node/configuration/declarative-config.ts'
import type { LogLevel } from '../node/logs/log-level.ts'
import type { MetricsPage } from '../node/metrics/metrics-page.ts'
import type { Revisions } from '../node/configuration/revisions.ts'

/** What the Admin API needs of the node. */
export interface AdminDeps {
  /** The configuration as it is now. */
  readonly entities: () => EntitySet
  /**
   * Runs a planner against the newest configuration and carries its changes out, one write after the other.
   * When it resolves they are durable and every worker of this node follows them.
   * @param author whose change it is: an endpoint need not say so
   * @throws EntityError when the planner or a worker refuses; StoreError `unavailable`
   */
  write<R>(plan: (set: EntitySet) => Plan<R>, author?: string): Promise<R>
  readonly context: PlanContext
  /** The gateway's own, not that of the contract. */
  readonly version: string
  info(): NodeInfo
  status(): NodeStatus | Promise<NodeStatus>
  /** What the process waits for, in Kong's shape. */
  timers(): object
  readonly logLevel: Pick<LogLevel, 'current' | 'change'>
  readonly readiness: Readiness
  /** What the balancer knows of targets. */
  readonly health: UpstreamHealth
  /** What replaces the configuration as a whole, without a database. */
  readonly declarative?: Pick<DeclarativeConfig, 'load' | 'export'> | undefined
  /** What is counted at this node. */
  readonly metrics: Pick<MetricsPage, 'word' | 'costOf'>
  /** What has changed, and how to go back; nothing without a database. */
  readonly revisions?: Revisions | undefined
  readonly log: Log
  /** Takes one line for each request that was answered. */
  logRequest(line: string): void
  readonly options: AdminOptions
}

export interface AdminOptions {
  /** Bytes; a longer body is refused with 413. */
  readonly bodyLimit: number
  /** Levels of nesting in a body. */
  readonly depthLimit: number
  /** Host names by which the Admin API may be called, beside addresses and `localhost`; lower case. */
  readonly hosts: readonly string[]
  /** Origins that may write, beside loopback and the called host itself: `https://manager.example`. */
  readonly origins: readonly string[]
  /** What every request to the Admin API has to bring; nothing: whoever reaches it may use it. */
  readonly token: () => string | undefined
}

export const defaultAdminOptions: AdminOptions = {
  bodyLimit: 10 * 1024 * 1024,
  depthLimit: 32,
  hosts: [],
  origins: [],
  token: () => undefined,
}

/** Whether load balancers are to send connections here. */
export interface Readiness {
  /** Why not, in Kong's words; nothing when they are to. */
  reason(): string | undefined
  /** Tells them not to, or to do so again. Connections are served all the same. */
  drain(on: boolean): void
}

export interface NodeInfo {
  readonly node_id: string
  readonly hostname: string
  /** What clients of Kong show as its version of Lua. */
  readonly lua_version: string
  readonly timers: { readonly running: number; readonly pending: number }
  /** The settings as Kong's clients read them, secrets masked. */
  readonly configuration: Readonly<Record<string, unknown>>
  readonly plugins: Readonly<
    Record<string, { readonly version: string; readonly priority: number }>
  >
  readonly pids: { readonly master: number; readonly workers: readonly number[] }
}

export interface NodeStatus {
  /** Whether the listeners take traffic. */
  readonly ready: boolean
  /** How bytes are moved, with the reason where it is not natively though it might be. */
  readonly transport?: string
  /** Bytes: of the supervisor's process, and of JavaScript objects in each worker. */
  readonly memory: {
    readonly resident_bytes: number
    readonly heaps: readonly { readonly pid: number; readonly heap: number }[]
  }
  /** `connections_accepted`, `connections_active` and so on, over all workers. */
  readonly server: Readonly<Record<string, number>>
  readonly database?: { readonly reachable: boolean; readonly error?: string }
  /** The revision that is served and, where that is not the stored one, why. */
  readonly configuration?: Readonly<Record<string, unknown>>
  /** 32 hexadecimal digits, in place of `database` where there is none. */
  readonly configuration_hash?: string
}
