import type { EntitySet } from '../entities/entity-set.ts'
import type { Plan } from '../entities/plan.ts'
import { EntityError, schemaViolation } from '../errors/entity-error.ts'
import { StoreError, type Store } from '../store/store.ts'
import type { Fleet } from './fleet.ts'
import { Veto } from './worker-link.ts'

/** What the workers do for a change. */
type Changing = Pick<Fleet, 'exclusively' | 'prepare' | 'swap' | 'discard'>

/**
 * The one way a configuration changes on this node: plan, have every worker prepare, commit durably, swap, answer.
 * When `write` resolves the change is on disk and new connections follow it; when it rejects nothing has changed.
 */
export class Writer {
  readonly #entities: EntitySet
  readonly #store: Pick<Store, 'commit'>
  readonly #fleet: Changing

  constructor(entities: EntitySet, store: Pick<Store, 'commit'>, fleet: Changing) {
    this.#entities = entities
    this.#store = store
    this.#fleet = fleet
  }

  /** @throws EntityError when the plan or a worker refuses, or (code 8) when the store cannot write */
  write<R>(plan: (set: EntitySet) => Plan<R>): Promise<R> {
    return this.#fleet.exclusively(async () => {
      const { changes, result } = plan(this.#entities)
      if (changes.length === 0) return result
      const base = this.#entities.revision
      const delta = { base, revision: base + 1, changes }
      await this.#fleet.prepare(delta).catch(refuse)
      try {
        await this.#store.commit(delta)
      } catch (error) {
        this.#fleet.discard()
        throw unwritten(error)
      }
      this.#entities.apply(changes, delta.revision)
      await this.#fleet.swap()
      return result
    })
  }
}

/** A worker's veto, as the Admin API answers it. */
function refuse(error: unknown): never {
  if (!(error instanceof Veto)) throw error
  throw schemaViolation({ '@entity': [error.message] }, { cause: error })
}

function unwritten(error: unknown): unknown {
  return error instanceof StoreError
    ? new EntityError(8, error.message, undefined, { cause: error })
    : error
}
