import type { Log } from '@kong-ts/pdk'
import type { PlanContext } from '../entities/context.ts'
import type { EntitySet } from '../entities/entity-set.ts'
import type { Plan } from '../entities/plan.ts'

/** What the Admin API needs of the node. */
export interface AdminDeps {
  /** The configuration as it is now. */
  readonly entities: () => EntitySet
  /**
   * Runs a planner against the newest configuration and carries its changes out, one write after the other.
   * When it resolves they are durable and every worker of this node follows them.
   * @throws EntityError when the planner or a worker refuses; StoreError `unavailable`
   */
  write<R>(plan: (set: EntitySet) => Plan<R>): Promise<R>
  readonly context: PlanContext
  info(): NodeInfo
  status(): NodeStatus
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
}

export const defaultAdminOptions: AdminOptions = {
  bodyLimit: 10 * 1024 * 1024,
  depthLimit: 32,
  hosts: [],
  origins: [],
}

export interface NodeInfo {
  readonly version: string
  readonly node_id: string
  readonly hostname: string
  /** The settings, secrets masked. */
  readonly configuration: Readonly<Record<string, unknown>>
  readonly plugins: Readonly<
    Record<string, { readonly version: string; readonly priority: number }>
  >
  readonly pids: { readonly master: number; readonly workers: readonly number[] }
}

export interface NodeStatus {
  /** Whether the listeners take traffic. */
  readonly ready: boolean
  readonly memory: Readonly<Record<string, unknown>>
  /** `connections_accepted`, `connections_active` and so on, over all workers. */
  readonly server: Readonly<Record<string, number>>
  readonly database: { readonly reachable: boolean; readonly error?: string }
  /** The revision that is served and, where that is not the stored one, why. */
  readonly configuration?: Readonly<Record<string, unknown>>
}
