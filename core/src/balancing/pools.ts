import type { Change, TargetRow, Upstream } from '../entities/rows.ts'
import type { Later } from './evictions.ts'
import type { ToSupervisor } from './messages.ts'
import type { Names } from './names.ts'
import { Pool, type PoolParts } from './pool.ts'
import type { Standing } from './standing.ts'

/** Milliseconds between two reports at least; the first of a while goes at once. */
const gap = 5

export interface PoolsParts {
  readonly names: Names
  /** What the supervisor says. */
  readonly standing: Standing
  /** Tells the supervisor. */
  readonly tell: (message: ToSupervisor) => void
  readonly later: Later
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** From 0 to less than 1. */
  readonly random: () => number
}

/** The pools of all upstreams on a worker. A change costs what it changes, whatever else there is. */
export class Pools {
  readonly #parts: PoolParts
  readonly #tell: (message: ToSupervisor) => void
  readonly #pools = new Map<string, Pool>()
  readonly #byName = new Map<string, Pool>()
  readonly #targets = new Map<string, TargetRow>()
  readonly #targetsOf = new Map<string, Set<string>>()
  readonly #telling = new Set<Pool>()
  #toldAt = 0

  constructor({ tell, ...parts }: PoolsParts) {
    this.#tell = tell
    this.#parts = { ...parts, announce: (pool) => this.#announce(pool) }
  }

  /** Of the upstream whose name stands where a service has a host. */
  named(host: string): Pool | undefined {
    return this.#byName.get(host)
  }

  /** Takes a change of an upstream or a target; within one write they may come in any order. */
  apply(change: Change<'upstreams' | 'targets'>): void {
    if (change.entity === 'upstreams') {
      if (change.op === 'put') this.putUpstream(change.row)
      else this.deleteUpstream(change.id)
    } else if (change.op === 'put') this.putTarget(change.row)
    else this.deleteTarget(change.id)
  }

  putUpstream(row: Upstream): void {
    const known = this.#pools.get(row.id)
    if (known) {
      this.#unname(known)
      known.configure(row)
    }
    const pool = known ?? new Pool(row, this.#parts)
    this.#pools.set(row.id, pool)
    this.#byName.set(row.name, pool)
    if (known) return
    // Within a change the targets may come first.
    for (const id of this.#targetsOf.get(row.id) ?? []) {
      const target = this.#targets.get(id)
      if (target) pool.putTarget(target)
    }
  }

  deleteUpstream(id: string): void {
    const pool = this.#pools.get(id)
    if (!pool) return
    this.#pools.delete(id)
    this.#unname(pool)
    pool.close()
  }

  putTarget(row: TargetRow): void {
    const { id, upstream } = row
    if (this.#targets.get(id)?.upstream.id !== upstream.id) this.deleteTarget(id)
    this.#targets.set(id, row)
    const others = this.#targetsOf.get(upstream.id)
    if (others) others.add(id)
    else this.#targetsOf.set(upstream.id, new Set([id]))
    this.#pools.get(upstream.id)?.putTarget(row)
  }

  deleteTarget(id: string): void {
    const row = this.#targets.get(id)
    if (!row) return
    this.#targets.delete(id)
    const others = this.#targetsOf.get(row.upstream.id)
    others?.delete(id)
    if (others?.size === 0) this.#targetsOf.delete(row.upstream.id)
    this.#pools.get(row.upstream.id)?.deleteTarget(id)
  }

  /** No name is looked after any more. */
  close(): void {
    for (const pool of this.#pools.values()) pool.close()
    this.#pools.clear()
    this.#byName.clear()
  }

  /** Two upstreams may have swapped their names in one change. */
  #unname(pool: Pool): void {
    const { name } = pool.upstream
    if (this.#byName.get(name) === pool) this.#byName.delete(name)
  }

  #announce(pool: Pool): void {
    const isNext = this.#telling.size === 0
    this.#telling.add(pool)
    // The first one has set the timer.
    if (!isNext) return
    const wait = this.#toldAt + gap - this.#parts.now()
    this.#parts.later(Math.min(gap, Math.max(0, wait)), () => this.#tellNews())
  }

  #tellNews(): void {
    const pools = [...this.#telling]
    this.#telling.clear()
    this.#toldAt = this.#parts.now()
    for (const message of pools.flatMap((pool) => pool.takeNews())) this.#tell(message)
  }
}
