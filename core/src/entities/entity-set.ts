import { collectRows, definitions, entityNames, perEntity } from './definitions/index.ts'
import type { UniqueKey } from './definition.ts'
import { isUuid } from './fields.ts'
import type { Change, EntityName, Row, Rows, Snapshot } from './rows.ts'
import { Table } from './table.ts'

/** Tags to have: all of them, or any of them. */
export interface TagFilter {
  readonly tags: readonly string[]
  readonly match: 'all' | 'any'
}

export interface ListOptions {
  /** Rows per page, at least 1. */
  readonly size: number
  /** Begin above this id. */
  readonly after?: string | undefined
  /** Only rows whose reference `field` names `id`. */
  readonly where?: { readonly field: string; readonly id: string } | undefined
  readonly tags?: TagFilter | undefined
}

export interface Page<R> {
  readonly rows: readonly R[]
  /** The last id, when there is more. */
  readonly after: string | undefined
}

/** The whole configuration in memory, indexed. Rows are never changed in place: they may be shared. */
export class EntitySet {
  readonly #tables: Readonly<Record<EntityName, Table>>
  #revision: number

  private constructor(revision: number) {
    this.#revision = revision
    this.#tables = perEntity((entity) => new Table(definitions[entity]))
  }

  static from(snapshot: Snapshot): EntitySet {
    const set = new EntitySet(snapshot.revision)
    for (const entity of entityNames) {
      for (const row of snapshot.rows[entity]) set.#tables[entity].put(row)
    }
    return set
  }

  static empty(): EntitySet {
    return new EntitySet(0)
  }

  get revision(): number {
    return this.#revision
  }

  /** How many rows an entity has. */
  count(entity: EntityName): number {
    return this.#tables[entity].ids.size
  }

  get<E extends EntityName>(entity: E, id: string): Rows[E] | undefined {
    return typed(entity, this.#tables[entity].get(id))
  }

  /** By id, or by endpoint key when the text is no UUID. */
  find<E extends EntityName>(entity: E, idOrKey: string): Rows[E] | undefined {
    return isUuid(idOrKey) ? this.get(entity, idOrKey.toLowerCase()) : this.named(entity, idOrKey)
  }

  /** By endpoint key, whatever it looks like. */
  named<E extends EntityName>(entity: E, key: string): Rows[E] | undefined {
    return typed(entity, this.#tables[entity].named(key))
  }

  /** The row that has the values of `row` under a unique key of its definition. */
  holder<E extends EntityName>(entity: E, key: UniqueKey, row: object): Rows[E] | undefined {
    return typed(entity, this.#tables[entity].holder(key, row))
  }

  children<E extends EntityName>(entity: E, field: string, id: string): readonly Rows[E][] {
    return this.list(entity, { size: Infinity, where: { field, id } }).rows
  }

  /** A page in ascending order of ids. With `tags` the cost is that of the rows looked at, not of the page. */
  list<E extends EntityName>(entity: E, { size, after, where, tags }: ListOptions): Page<Rows[E]> {
    const table = this.#tables[entity]
    const ids = where ? table.children(where.field, where.id) : table.ids
    const rows: Rows[E][] = []
    for (const id of ids.above(after)) {
      const row = this.get(entity, id)
      if (row === undefined || (tags && !hasTags(row, tags))) continue
      if (rows.length === size) return { rows, after: rows.at(-1)?.id }
      rows.push(row)
    }
    return { rows, after: undefined }
  }

  /**
   * Makes changes that a planner has checked; answers with the changes that take them back.
   * @param revision the revision of the set afterwards
   */
  apply(changes: readonly Change[], revision: number = this.#revision + 1): readonly Change[] {
    const undo = changes.map((change) => this.#applyOne(change))
    this.#revision = revision
    return undo.filter((change) => change !== undefined).toReversed()
  }

  snapshot(): Snapshot {
    return { revision: this.#revision, rows: collectRows((entity) => this.#all(entity)) }
  }

  #all<E extends EntityName>(entity: E): readonly Rows[E][] {
    return this.list(entity, { size: Infinity }).rows
  }

  #applyOne(change: Change): Change | undefined {
    const { entity } = change
    const table = this.#tables[entity]
    const id = change.op === 'put' ? change.row.id : change.id
    const before = change.op === 'put' ? table.put(change.row) : table.delete(id)
    if (before !== undefined) return putChange(entity, before)
    return change.op === 'put' ? deleteChange(entity, id) : undefined
  }
}

export function putChange(entity: EntityName, row: Row): Change {
  // The row has passed the entity's definition, or comes from its table; the compiler cannot pair the two.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return { op: 'put', entity, row } as Change
}

export function deleteChange(entity: EntityName, id: string): Change {
  return { op: 'delete', entity, id }
}

/** A table holds the rows of its own entity only; the compiler cannot see it. */
function typed<E extends EntityName>(_entity: E, row: Row | undefined): Rows[E] | undefined {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return row as Rows[E] | undefined
}

function hasTags(row: Row, { tags, match }: TagFilter): boolean {
  const own = row.tags ?? []
  return match === 'all'
    ? tags.every((tag) => own.includes(tag))
    : tags.some((tag) => own.includes(tag))
}
