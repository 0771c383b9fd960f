import { randomUUID } from 'node:crypto'
import { collectRows } from '../entities/definitions/index.ts'
import type { Change, Delta, EntityName, Row, Rows, Snapshot } from '../entities/rows.ts'
import { chunks, places } from './chunks.ts'
import { historyIn } from './history.ts'
import { decode, encode } from './record.ts'
import {
  writeRevision,
  type Authorship,
  type NewRevision,
  type RevisionLimits,
} from './revisions.ts'
import { numbersIn } from './numbers.ts'
import type { Sql, SqlRow, SqlValue } from './sql.ts'
import type { SqliteFile } from './sqlite.ts'
import { StoreError } from './store.ts'
import type { Store } from './store.ts'
import { tables } from './tables.ts'
import type { Table } from './tables.ts'

/**
 * A store in a database whose migrations have been applied; closing it closes the database.
 * Its `commit` passes on the driver's own error when a delta breaks a unique name or a reference: whoever made the
 * delta has checked both, so that this is a fault and not an answer.
 */
export async function createSqlStore(
  kind: Store['kind'],
  database: SqliteFile,
  limits: RevisionLimits = defaultLimits,
): Promise<Store> {
  await readRevision(database)
  return {
    kind,
    load: () => database.transaction(loadSnapshot),
    commit: (delta, by) =>
      database.transaction((sql) => writeDelta(sql, newRevision(delta, by), limits)),
    numbers: numbersIn(database.light),
    history: historyIn((work) => database.transaction(work)),
    async check() {
      await readRevision(database)
    },
    close: () => database.close(),
  }
}

const defaultLimits: RevisionLimits = { count: 1000, age: 90 * 86_400_000 }

export function newRevision(delta: Delta, by?: Authorship): NewRevision {
  return { id: randomUUID(), now: Date.now(), delta, ...by }
}

export async function loadSnapshot(sql: Sql): Promise<Snapshot> {
  const revision = await readRevision(sql)
  const loaded = new Map<EntityName, readonly object[]>()
  for (const table of tables) loaded.set(table.name, await loadTable(sql, table))
  return { revision, rows: collectRows((entity) => rowsIn(loaded, entity)) }
}

/** A table holds the rows of its own entity only; the compiler cannot see it. */
function rowsIn<E extends EntityName>(
  loaded: ReadonlyMap<EntityName, readonly object[]>,
  entity: E,
): readonly Rows[E][] {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return (loaded.get(entity) ?? []) as readonly Rows[E][]
}

/** How many rows are read at once: each page has the time of a statement. */
const pageSize = 10_000

async function loadTable(sql: Sql, table: Table): Promise<readonly object[]> {
  const columns = table.columns.map(({ column }) => column).join(', ')
  const page = `select ${columns}, body from ${table.name} where id > $1 order by id limit ${pageSize}`
  const records: SqlRow[] = []
  let found: readonly SqlRow[]
  do {
    const last = records.at(-1)?.['id']
    found = await read(sql, table.name, page, [typeof last === 'string' ? last : ''])
    for (const record of found) records.push(record)
  } while (found.length === pageSize)
  // Sorted here, since the order of text in PostgreSQL depends on its locale.
  return records
    .toSorted((a, b) => (String(a['id']) < String(b['id']) ? -1 : 1))
    .map((record) => decode(table, record))
}

export async function readRevision(sql: Sql): Promise<number> {
  const [row] = await read(sql, 'revision', 'select number from revision where id = 1')
  const revision = row?.['number']
  if (typeof revision === 'number') return revision
  throw new StoreError('corrupt', 'the table revision does not say which revision is stored')
}

/** A statement of ours that fails although the database is well meets tables of another shape. */
async function read(
  sql: Sql,
  table: string,
  text: string,
  values: readonly SqlValue[] = [],
): Promise<readonly SqlRow[]> {
  try {
    return await sql.query(text, values)
  } catch (error) {
    if (error instanceof StoreError) throw error
    const why = error instanceof Error ? error.message : String(error)
    throw new StoreError('corrupt', `the table ${table} cannot be read: ${why}`, { cause: error })
  }
}

/** @throws StoreError `conflict` when the change was made for another revision than the stored one */
export async function writeDelta(
  sql: Sql,
  revision: NewRevision,
  limits: RevisionLimits,
): Promise<void> {
  await advance(sql, revision.delta)
  await writeRows(sql, revision.delta.changes)
  await writeRevision(sql, revision, limits)
}

/** @throws StoreError `conflict` */
export async function advance(sql: Sql, { base, revision }: Omit<Delta, 'changes'>): Promise<void> {
  const advanced = await sql.query(
    'update revision set number = $2 where id = 1 and number = $1 returning number',
    [base, revision],
  )
  if (advanced.length > 0) return
  const stored = await readRevision(sql)
  throw new StoreError('conflict', `the stored revision is ${stored}, not ${base}`)
}

export async function writeRows(sql: Sql, changes: readonly Change[]): Promise<void> {
  const changed = lastChanges(changes)
  // Every touched row goes before any comes back: two rows may swap their unique names in one delta.
  for (const table of tables.toReversed()) {
    for (const ids of chunks(idsOf(changed, table))) {
      await sql.query(`delete from ${table.name} where id in ${places(1, ids.length)}`, ids)
    }
  }
  for (const table of tables) {
    for (const rows of chunks(rowsOf(changed, table))) await insert(sql, table, rows)
  }
}

type Changed = ReadonlyMap<EntityName, ReadonlyMap<string, Row | undefined>>

/** Per entity and id what is to be stored in the end; undefined where nothing is. */
function lastChanges(changes: readonly Change[]): Changed {
  const changed = new Map<EntityName, Map<string, Row | undefined>>()
  for (const change of changes) {
    const rows = changed.get(change.entity) ?? new Map<string, Row | undefined>()
    changed.set(change.entity, rows)
    if (change.op === 'put') rows.set(change.row.id, change.row)
    else rows.set(change.id, undefined)
  }
  return changed
}

function idsOf(changed: Changed, table: Table): readonly string[] {
  return [...(changed.get(table.name)?.keys() ?? [])]
}

function rowsOf(changed: Changed, table: Table): readonly Row[] {
  return [...(changed.get(table.name)?.values() ?? [])].filter((row) => row !== undefined)
}

async function insert(sql: Sql, table: Table, rows: readonly Row[]): Promise<void> {
  const columns = [...table.columns.map(({ column }) => column), 'body']
  await sql.query(
    `insert into ${table.name} (${columns.join(', ')}) values ${places(rows.length, columns.length)}`,
    rows.flatMap((row) => encode(table, row)),
  )
}
