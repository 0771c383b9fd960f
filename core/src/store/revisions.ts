import type { Change, Delta } from '../entities/rows.ts'
import type { Sql, SqlRow } from './sql.ts'

/** How many revisions are remembered, and for how many milliseconds; the newest is in any case. */
export interface RevisionLimits {
  readonly count: number
  readonly age: number
}

/** Whose change it is, and what would take it back. */
export interface Authorship {
  readonly author: string | null
  readonly undo: readonly Change[]
}

/** A revision that is being written. */
export interface NewRevision extends Partial<Authorship> {
  /** Made for this one commit: whoever finds it stored knows that the commit has happened. */
  readonly id: string
  /** Milliseconds since the epoch. */
  readonly now: number
  readonly delta: Delta
}

export async function writeRevision(
  sql: Sql,
  { id, now, delta, author = null, undo }: NewRevision,
  { count, age }: RevisionLimits,
): Promise<void> {
  await sql.query(
    'insert into revisions (number, id, created_at, author, changes, undo) values ($1, $2, $3, $4, $5, $6)',
    [
      delta.revision,
      id,
      now,
      author,
      JSON.stringify(delta.changes),
      undo ? JSON.stringify(undo) : null,
    ],
  )
  await sql.query('delete from revisions where number <= $1 or (created_at < $2 and number < $3)', [
    delta.revision - count,
    now - age,
    delta.revision,
  ])
}

/** The id under which a revision was stored; undefined when it is not remembered. */
export async function revisionId(sql: Sql, number: number): Promise<string | undefined> {
  const [row] = await sql.query('select id from revisions where number = $1', [number])
  return row === undefined ? undefined : String(row['id'])
}

/** Deltas are read a few at a time: one that was imported may be large. */
const pageSize = 50

/** What came after a revision, up to the stored one; undefined when not all of it is remembered. */
export async function readDeltas(
  sql: Sql,
  after: number,
  stored: number,
): Promise<readonly Delta[] | undefined> {
  const deltas: Delta[] = []
  for (let last = after; last < stored; last = deltas.at(-1)?.revision ?? stored) {
    const page = await sql.query(
      `select number, changes from revisions where number > $1 order by number limit ${pageSize}`,
      [last],
    )
    const read = page.map((row, index) => toDelta(row, last + index))
    if (read.length === 0 || !read.every((delta) => delta !== undefined)) return undefined
    deltas.push(...read)
  }
  return deltas
}

/** Undefined when it is not the one after `base`, or is no list of changes. */
function toDelta(row: SqlRow, base: number): Delta | undefined {
  const { number, changes: text } = row
  if (number !== base + 1 || typeof text !== 'string') return undefined
  const changes = parseChanges(text)
  return changes && { base, revision: number, changes }
}

function parseChanges(text: string): readonly Change[] | undefined {
  try {
    const changes: unknown = JSON.parse(text)
    return isChanges(changes) ? changes : undefined
  } catch {
    // Written by hand: the whole configuration is loaded instead, whose rows are checked.
    return undefined
  }
}

/** The rows themselves have passed their definitions before they were stored. */
function isChanges(value: unknown): value is readonly Change[] {
  return (
    Array.isArray(value) &&
    value.every(
      (each: unknown) =>
        typeof each === 'object' &&
        each !== null &&
        'entity' in each &&
        ('row' in each || 'id' in each),
    )
  )
}
