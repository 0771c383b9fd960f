import { differences } from '../../entities/differences.ts'
import type { EntitySet } from '../../entities/entity-set.ts'
import type { Delta, Snapshot } from '../../entities/rows.ts'
import { messageOf } from '../../errors/message-of.ts'
import { StoreError, type Shared, type StoreHealth } from '../../store/store.ts'
import type { Fleet } from '../workers/fleet.ts'
import type { ErrorLog } from '../logs/log.ts'
import { Stopping } from '../workers/worker-link.ts'

/** How far this node is behind the stored configuration, and why. */
export interface Behind {
  /** The stored revision. */
  readonly revision: number
  readonly error: string
}

/** What others have changed cannot be served here. */
export class CannotFollow extends Error {
  override readonly name = 'CannotFollow'
}

/** A server that lost its disk and was set up anew must not end the traffic of nodes that are well. */
const emptied = 'the database is empty, as if it was reset; restart the node to follow it'

export interface FollowerParts {
  readonly entities: EntitySet
  readonly shared: Shared
  readonly fleet: Pick<Fleet, 'exclusively' | 'prepare' | 'swap'>
  readonly log: ErrorLog
}

/**
 * Has this node follow the changes that others have made in a shared store: in order, without a gap, by the same
 * steps as its own. What it cannot build it does not serve: it goes on with what it had until a later change can be.
 */
export class Follower {
  readonly #parts: FollowerParts
  #behind: Behind | undefined
  /** The newest revision that was heard of. */
  #heard = 0
  /** Whether a look at the store waits for its turn already. */
  #queued = false

  constructor(parts: FollowerParts) {
    this.#parts = parts
    parts.shared.watch({
      changed: (revision, how) => this.#hear(revision, how),
      health: (health) => this.#tell(health),
    })
    this.keep()
  }

  get behind(): Behind | undefined {
    return this.#behind
  }

  /** Looks at the store when it is this one's turn; what goes wrong is logged. */
  follow(): void {
    if (this.#queued) return
    this.#queued = true
    this.#parts.fleet
      .exclusively(() => {
        this.#queued = false
        return this.catchUp()
      })
      .catch((error: unknown) => {
        this.#queued = false
        this.#complain(error)
      })
  }

  /**
   * Follows whatever was stored meanwhile, and says whether there was anything. Only while no other change is made.
   * @throws CannotFollow, StoreError
   */
  async catchUp(): Promise<boolean> {
    const { entities, fleet } = this.#parts
    const delta = await this.#missing()
    if (delta.revision === entities.revision && delta.changes.length === 0) {
      this.#behind = undefined
      return false
    }
    try {
      await fleet.prepare(delta)
    } catch (error) {
      throw this.#stay(delta.revision, messageOf(error))
    }
    this.#behind = undefined
    entities.apply(delta.changes, delta.revision)
    await fleet.swap()
    this.keep(delta)
    return true
  }

  /** Keeps what is served for a start without the store; the delta is what has just changed. */
  keep(delta?: Delta): void {
    const { shared, entities, log } = this.#parts
    shared
      .keep(() => entities.snapshot(), delta)
      .catch((error: unknown) => {
        log.error({ error: messageOf(error) }, 'the configuration could not be kept in the prefix')
      })
  }

  /** A notification may be late; what was seen may be older than here when the database was put back. */
  #hear(revision: number, how: 'told' | 'seen'): void {
    const here = this.#parts.entities.revision
    this.#heard = revision
    if (how === 'told' ? revision > here : revision !== here) this.follow()
  }

  #tell({ reachable, error }: StoreHealth): void {
    const { log, entities } = this.#parts
    const { revision } = entities
    if (reachable) log.notice({ revision }, 'the database is there again')
    else log.error({ revision, error }, 'the database is away; everything is served as before')
  }

  async #missing(): Promise<Delta> {
    const { entities, shared } = this.#parts
    const base = entities.revision
    const deltas = await shared.since(base)
    if (deltas) {
      const changes = deltas.flatMap((delta) => delta.changes)
      return { base, revision: deltas.at(-1)?.revision ?? base, changes }
    }
    const stored = await this.#reload()
    if (stored.revision === 0) throw this.#stay(0, emptied)
    this.#parts.log.notice({ revision: stored.revision }, 'the whole configuration is loaded again')
    const changes = differences(entities.snapshot().rows, stored.rows)
    return { base, revision: stored.revision, changes }
  }

  /** @throws CannotFollow when what is stored was edited by hand into what no node can read */
  async #reload(): Promise<Snapshot> {
    try {
      return await this.#parts.shared.reload()
    } catch (error) {
      if (!(error instanceof StoreError) || error.reason !== 'corrupt') throw error
      throw this.#stay(this.#heard, error.message)
    }
  }

  #stay(revision: number, error: string): CannotFollow {
    const before = this.#behind
    this.#behind = { revision, error }
    const message = `revision ${revision} of the configuration cannot be served by this node: ${error}`
    if (before?.error !== error) {
      const here = this.#parts.entities.revision
      this.#parts.log.error({ revision: here }, `${message}; the last one goes on`)
    }
    return new CannotFollow(message)
  }

  /** That a revision cannot be served was told where it was found out. */
  #complain(error: unknown): void {
    if (error instanceof Stopping || error instanceof CannotFollow) return
    const why = messageOf(error)
    this.#parts.log.error({ error: why }, 'the changes of other nodes could not be followed')
  }
}
