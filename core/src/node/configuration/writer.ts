import { inverse } from '../../entities/differences.ts'
import type { EntitySet } from '../../entities/entity-set.ts'
import type { Plan } from '../../entities/plan.ts'
import type { Delta } from '../../entities/rows.ts'
import { EntityError, schemaViolation } from '../../errors/entity-error.ts'
import { StoreError, type Store } from '../../store/store.ts'
import type { Fleet } from '../workers/fleet.ts'
import { CannotFollow, type Follower } from './follower.ts'
import { Veto } from '../workers/worker-link.ts'

/** What the workers do for a change. */
type Changing = Pick<Fleet, 'exclusively' | 'prepare' | 'swap' | 'discard'>

type Following = Pick<Follower, 'catchUp' | 'keep'>

/** How often a change is made anew because another node was faster: each time that one has got somewhere. */
const attempts = 100

/**
 * The one way a configuration changes on this node: plan, have every worker prepare, commit durably, swap, answer.
 * When `write` resolves the change is on disk and new connections follow it; when it rejects nothing has changed.
 */
export class Writer {
  readonly #entities: EntitySet
  readonly #store: Pick<Store, 'commit'>
  readonly #fleet: Changing
  readonly #follower: Following | undefined

  /** @param follower where other nodes write to the same store */
  constructor(
    entities: EntitySet,
    store: Pick<Store, 'commit'>,
    fleet: Changing,
    follower?: Following,
  ) {
    this.#entities = entities
    this.#store = store
    this.#fleet = fleet
    this.#follower = follower
  }

  /**
   * @param author whose change it is, for the record of revisions
   * @throws EntityError when the plan or a worker refuses, or (code 8) when the store cannot write
   */
  write<R>(plan: (set: EntitySet) => Plan<R>, author: string | null = null): Promise<R> {
    return this.#fleet.exclusively(async () => {
      for (let attempt = 1; attempt < attempts; attempt += 1) {
        const { changes, result } = await this.#plan(plan)
        if (changes.length === 0) return result
        const base = this.#entities.revision
        const delta = { base, revision: base + 1, changes }
        if (await this.#carryOut(delta, author)) return result
      }
      throw new EntityError(8, 'other nodes change the configuration too often at once; try again')
    })
  }

  /** What a plan refuses may be there already, written on another node a moment ago. */
  async #plan<R>(plan: (set: EntitySet) => Plan<R>): Promise<Plan<R>> {
    try {
      return plan(this.#entities)
    } catch (error) {
      if (!(error instanceof EntityError) || !this.#follower) throw error
      const news = await this.#follower.catchUp().catch(() => false)
      if (!news) throw error
      return plan(this.#entities)
    }
  }

  /** False when another node was faster: the plan has to be made anew. */
  async #carryOut(delta: Delta, author: string | null): Promise<boolean> {
    await this.#fleet.prepare(delta).catch(refuse)
    try {
      const undo = inverse(this.#entities, delta.changes)
      await this.#store.commit(delta, { author, undo })
    } catch (error) {
      this.#fleet.discard()
      await this.#rebase(error)
      return false
    }
    this.#entities.apply(delta.changes, delta.revision)
    await this.#fleet.swap()
    this.#follower?.keep(delta)
    return true
  }

  /** @throws EntityError unless another node was faster, and what it did is followed now */
  async #rebase(error: unknown): Promise<void> {
    const overtaken = error instanceof StoreError && error.reason === 'conflict'
    if (!overtaken || !this.#follower) throw unwritten(error)
    try {
      await this.#follower.catchUp()
    } catch (reason) {
      throw unwritten(reason)
    }
  }
}

/** A worker's veto, as the Admin API answers it. */
function refuse(error: unknown): never {
  if (!(error instanceof Veto)) throw error
  throw schemaViolation({ '@entity': [error.message] }, { cause: error })
}

function unwritten(error: unknown): unknown {
  return error instanceof StoreError || error instanceof CannotFollow
    ? new EntityError(8, error.message, undefined, { cause: error })
    : error
}
