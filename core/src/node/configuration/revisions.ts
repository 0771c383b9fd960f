import type { PlanContext } from '../../entities/context.ts'
import { describeChange, type DescribedChange } from '../../entities/describe-change.ts'
import { FoldedChanges, reversed, type RowChange } from '../../entities/fold-changes.ts'
import type { EntityName } from '../../entities/rows.ts'
import { EntityError } from '../../errors/entity-error.ts'
import type { History } from '../../store/history.ts'
import { StoreError } from '../../store/store.ts'
import type { Node } from '../node.ts'
import { planRollback } from './plan-rollback.ts'
import { RevisionError } from './revision-error.ts'

/** A revision in a list, as plain data. */
export interface ListedRevision {
  readonly number: number
  /** Seconds since 1970, with milliseconds. */
  readonly created_at: number
  readonly author: string | null
  /** How many rows; null when what is stored of it is damaged. */
  readonly changes: number | null
  readonly entities: readonly EntityName[]
}

/** A revision whole, as plain data. */
export interface ShownRevision extends Omit<ListedRevision, 'changes' | 'entities'> {
  readonly changes: readonly DescribedChange[]
}

/** What lies between two revisions. */
export interface Difference {
  readonly from: number
  readonly to: number
  readonly changes: readonly DescribedChange[]
}

/** What has become of a rollback. */
export interface Rollback {
  /** The revision that is served now. */
  readonly revision: number
  /** How many rows are another; none when the configuration was that of then already. */
  readonly changes: number
}

/** The record of changes of a configuration. What it throws beside RevisionError is EntityError 8: the store is away. */
export interface Revisions {
  /** The newest first. */
  list(page: Parameters<History['list']>[0]): Promise<readonly ListedRevision[]>
  /** @throws RevisionError */
  show(number: number): Promise<ShownRevision>
  /** @param to the revision that is served, where it is left out. @throws RevisionError */
  diff(from: number, to?: number): Promise<Difference>
  /**
   * Brings the configuration back to what it was after a revision, as a new one. Revision 0 is the empty one.
   * @throws RevisionError; EntityError when a worker refuses
   */
  rollback(number: number, author: string): Promise<Rollback>
}

/** How often a rollback is made anew because somebody else has changed the configuration meanwhile. */
const attempts = 20

/** Nothing where the store remembers nothing. */
export function openRevisions(
  node: Pick<Node, 'history' | 'entities' | 'write'>,
  context: PlanContext,
): Revisions | undefined {
  const { history } = node
  return history && new RecordedRevisions(node, history, context)
}

class RecordedRevisions implements Revisions {
  readonly #node: Pick<Node, 'entities' | 'write'>
  readonly #history: History
  readonly #context: PlanContext

  constructor(node: Pick<Node, 'entities' | 'write'>, history: History, context: PlanContext) {
    this.#node = node
    this.#history = history
    this.#context = context
  }

  async list(page: Parameters<History['list']>[0]): Promise<readonly ListedRevision[]> {
    const entries = await this.#history.list(page).catch(unreadable)
    return entries.map(({ number, createdAt, author, changes = null, entities }) => {
      return { number, created_at: createdAt / 1000, author, changes, entities }
    })
  }

  async show(number: number): Promise<ShownRevision> {
    const revision = await this.#history.find(number).catch(unreadable)
    if (!revision) throw this.#isPast(number) ? forgotten(number) : unknown(number)
    const { createdAt, author, changes, undo } = revision
    if (!changes || !undo) throw damaged(number)
    const folded = new FoldedChanges()
    folded.add(changes, undo)
    const described = this.#describe(folded.rows())
    return { number, created_at: createdAt / 1000, author, changes: described }
  }

  async diff(from: number, to = this.#node.entities.revision): Promise<Difference> {
    await this.#demand(from)
    await this.#demand(to)
    const [older, newer] = from < to ? [from, to] : [to, from]
    const rows = await this.#between(older, newer)
    return { from, to, changes: this.#describe(from > to ? rows.map(reversed) : rows) }
  }

  async rollback(number: number, author: string): Promise<Rollback> {
    await this.#demand(number)
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      const { revision } = this.#node.entities
      const rows = await this.#between(number, revision)
      const done = await this.#takeBack(rows, revision, author)
      if (done) return done
    }
    throw new EntityError(8, 'the configuration is changed too often at once; try again')
  }

  /** Undefined when the configuration is another one than that whose changes were read. */
  async #takeBack(
    rows: readonly RowChange[],
    base: number,
    author: string,
  ): Promise<Rollback | undefined> {
    let moved = false
    const changes = await this.#node.write((set) => {
      moved = set.revision !== base
      return moved ? { changes: [], result: 0 } : planRollback(set, this.#context, rows)
    }, author)
    // A revision is one more than the one that it was planned on.
    return moved ? undefined : { revision: changes > 0 ? base + 1 : base, changes }
  }

  /** @throws RevisionError unless the configuration after this revision can be told */
  async #demand(number: number): Promise<void> {
    const { revision } = this.#node.entities
    if (number === 0 || number === revision) return
    if (number > revision) throw unknown(number)
    const [known] = await this.#history.list({ size: 1, below: number + 1 }).catch(unreadable)
    if (known?.number !== number) throw forgotten(number)
  }

  async #between(after: number, last: number): Promise<readonly RowChange[]> {
    const folded = new FoldedChanges()
    let seen = after
    await this.#history
      .walk(after, last, ({ number, changes, undo }) => {
        if (number !== seen + 1) throw forgotten(seen + 1)
        if (!changes || !undo) throw damaged(number)
        folded.add(changes, undo)
        seen = number
      })
      .catch(unreadable)
    if (seen < last) throw forgotten(seen + 1)
    return folded.rows()
  }

  #isPast(number: number): boolean {
    return number > 0 && number <= this.#node.entities.revision
  }

  #describe(rows: readonly RowChange[]): readonly DescribedChange[] {
    return rows.map((row) => describeChange(row, this.#context))
  }
}

function unknown(number: number): RevisionError {
  return new RevisionError('unknown', `there is no revision ${number}`)
}

function forgotten(number: number): RevisionError {
  return new RevisionError('forgotten', `revision ${number} is no longer remembered`)
}

function damaged(number: number): RevisionError {
  return new RevisionError('impossible', `what is stored of revision ${number} is damaged`)
}

/** That the store is away is told as it is of a write. */
function unreadable(error: unknown): never {
  if (!(error instanceof StoreError)) throw error
  throw new EntityError(8, error.message, undefined, { cause: error })
}
