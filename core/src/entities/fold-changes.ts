import { isDeepStrictEqual } from 'node:util'
import type { Change, EntityName, Row } from './rows.ts'

/** What became of a row; undefined where it was not there. */
export interface RowChange {
  readonly entity: EntityName
  readonly id: string
  readonly before: Row | undefined
  readonly after: Row | undefined
}

interface Folding {
  readonly entity: EntityName
  readonly id: string
  readonly before: Row | undefined
  after: Row | undefined
}

/** Makes one change of many: each row as it was before the first of them and after the last. */
export class FoldedChanges {
  readonly #rows = new Map<string, Folding>()

  /** @param undo what takes the changes back; it holds each row once */
  add(changes: readonly Change[], undo: readonly Change[]): void {
    for (const change of undo) {
      const { entity } = change
      const id = idOf(change)
      const before = rowOf(change)
      const key = `${entity} ${id}`
      if (!this.#rows.has(key)) this.#rows.set(key, { entity, id, before, after: before })
    }
    for (const change of changes) {
      const folding = this.#rows.get(`${change.entity} ${idOf(change)}`)
      if (folding) folding.after = rowOf(change)
    }
  }

  /** The rows that are another in the end. */
  rows(): readonly RowChange[] {
    return [...this.#rows.values()].filter(({ before, after }) => !isDeepStrictEqual(before, after))
  }
}

/** The same the other way round. */
export function reversed({ before, after, ...rest }: RowChange): RowChange {
  return { ...rest, before: after, after: before }
}

function idOf(change: Change): string {
  return change.op === 'put' ? change.row.id : change.id
}

function rowOf(change: Change): Row | undefined {
  return change.op === 'put' ? change.row : undefined
}
