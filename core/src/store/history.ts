import type { Change, EntityName } from '../entities/rows.ts'
import { parseChanges } from './parse-changes.ts'
import type { Sql, SqlRow } from './sql.ts'

/** What is told of a revision in a list. */
export interface RevisionEntry {
  readonly number: number
  /** Milliseconds since the epoch. */
  readonly createdAt: number
  /** Whose change it was, where that is known. */
  readonly author: string | null
  /** How many rows it has changed; undefined when what is stored of it is damaged. */
  readonly changes: number | undefined
  /** The entities whose rows it has changed. */
  readonly entities: readonly EntityName[]
}

/** A revision whole; what is damaged of it is undefined. */
export interface Revision {
  readonly number: number
  readonly createdAt: number
  readonly author: string | null
  readonly changes: readonly Change[] | undefined
  /** What takes its changes back. */
  readonly undo: readonly Change[] | undefined
}

/** The latest changes of a stored configuration. All of it throws StoreError `unavailable`. */
export interface History {
  /** The newest first. @param below only older ones than this */
  list(options: {
    readonly size: number
    readonly below?: number | undefined
  }): Promise<readonly RevisionEntry[]>
  /** Undefined when it is not remembered. */
  find(number: number): Promise<Revision | undefined>
  /** Shows those above `after` and not above `last`, in order; what is not remembered is left out. */
  walk(after: number, last: number, visit: (revision: Revision) => void): Promise<void>
}

/** @param use lends the database for one transaction */
export function historyIn(use: <T>(work: (sql: Sql) => Promise<T>) => Promise<T>): History {
  return {
    list: ({ size, below = Number.MAX_SAFE_INTEGER }) =>
      use((sql) => readEntries(sql, size, below)),
    find: (number) => use((sql) => readOne(sql, number)),
    walk: (after, last, visit) =>
      use(async (sql) => {
        for (const number of await readNumbers(sql, after, last)) {
          const revision = await readOne(sql, number)
          if (revision) visit(revision)
        }
      }),
  }
}

/** Each is read by itself and let go: one that was imported may be large. */
async function readEntries(sql: Sql, size: number, below: number) {
  const numbers = await sql.query(
    'select number from revisions where number < $1 order by number desc limit $2',
    [below, size],
  )
  const entries: RevisionEntry[] = []
  for (const { number } of numbers) {
    const [row] = await sql.query(
      'select number, created_at, author, changes from revisions where number = $1',
      [Number(number)],
    )
    if (row) entries.push(entryOf(toRevision(row)))
  }
  return entries
}

function entryOf({ number, createdAt, author, changes }: Revision): RevisionEntry {
  const rows = new Set(changes?.map((change) => `${change.entity} ${idOf(change)}`))
  const entities = [...new Set(changes?.map(({ entity }) => entity))].toSorted()
  return { number, createdAt, author, changes: changes && rows.size, entities }
}

function idOf(change: Change): string {
  return change.op === 'put' ? change.row.id : change.id
}

async function readNumbers(sql: Sql, after: number, last: number): Promise<readonly number[]> {
  const rows = await sql.query(
    'select number from revisions where number > $1 and number <= $2 order by number',
    [after, last],
  )
  return rows.map(({ number }) => Number(number))
}

async function readOne(sql: Sql, number: number): Promise<Revision | undefined> {
  const [row] = await sql.query(
    'select number, created_at, author, changes, undo from revisions where number = $1',
    [number],
  )
  return row && toRevision(row)
}

function toRevision({ number, created_at: time, author, changes, undo }: SqlRow): Revision {
  return {
    number: Number(number),
    createdAt: Number(time),
    author: typeof author === 'string' ? author : null,
    changes: parseChanges(changes),
    undo: parseChanges(undo),
  }
}
