import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import type { Delta, Snapshot } from '../entities/rows.ts'
import { everyRow } from '../entities/differences.ts'
import { migrate, readMigrations } from './migrate.ts'
import { makePrivate } from './private-file.ts'
import type { Database, Sql } from './sql.ts'
import { advance, loadSnapshot, readRevision, writeRows } from './sql-store.ts'
import { openSqlite } from './sqlite.ts'
import { StoreError } from './store.ts'
import { tables } from './tables.ts'

/** The configuration that this node has last served from a shared store, in a file (0600) of its prefix. */
export class LocalCopy {
  readonly #database: Database
  #tail: Promise<unknown> = Promise.resolve()

  private constructor(database: Database) {
    this.#database = database
  }

  /**
   * Opens the copy of a store; one of another store is emptied, and a damaged one is made anew.
   * @param origin which store it is a copy of
   */
  static async open(prefix: string, origin: string): Promise<LocalCopy> {
    const file = join(prefix, 'last-configuration.db')
    makePrivate(file)
    try {
      return await LocalCopy.#open(file, origin)
    } catch (error) {
      if (!(error instanceof StoreError) || error.reason !== 'corrupt') throw error
      for (const each of [file, `${file}-wal`, `${file}-shm`]) rmSync(each, { force: true })
      makePrivate(file)
      return LocalCopy.#open(file, origin)
    }
  }

  static async #open(file: string, origin: string): Promise<LocalCopy> {
    const database = openSqlite(file)
    try {
      await migrate(database, await readMigrations())
      await readRevision(database)
      await database.transaction((sql) => belongTo(sql, origin))
      return new LocalCopy(database)
    } catch (error) {
      await database.close()
      throw error
    }
  }

  /** Undefined when nothing was kept yet. */
  async load(): Promise<Snapshot | undefined> {
    const snapshot = await this.#database.transaction(loadSnapshot)
    return snapshot.revision === 0 ? undefined : snapshot
  }

  /** Follows by the delta where it fits, else by the whole snapshot; atomic. */
  keep(snapshot: () => Snapshot, delta?: Delta): Promise<void> {
    const kept = this.#tail.then(() => this.#keep(snapshot, delta))
    this.#tail = kept.catch(() => undefined)
    return kept
  }

  async close(): Promise<void> {
    await this.#tail
    await this.#database.close()
  }

  async #keep(snapshot: () => Snapshot, delta: Delta | undefined): Promise<void> {
    const kept = await readRevision(this.#database)
    if (delta?.base === kept) {
      return this.#database.transaction(async (sql) => {
        await advance(sql, delta)
        await writeRows(sql, delta.changes)
      })
    }
    const whole = snapshot()
    if (whole.revision !== kept) await this.#database.transaction((sql) => replace(sql, whole))
  }
}

async function belongTo(sql: Sql, origin: string): Promise<void> {
  await sql.query('create table if not exists origin (id text primary key)')
  const [known] = await sql.query('select id from origin')
  if (known?.['id'] === origin) return
  await empty(sql)
  await sql.query('delete from origin')
  await sql.query('insert into origin (id) values ($1)', [origin])
}

async function replace(sql: Sql, { revision, rows }: Snapshot): Promise<void> {
  await empty(sql)
  await advance(sql, { base: 0, revision })
  // SQLite works in this thread, which has connections to look after in between.
  const inTurns: Sql = {
    ...sql,
    query: async (text, values) => {
      await turn()
      return sql.query(text, values)
    },
  }
  await writeRows(inTurns, everyRow(rows))
}

async function empty(sql: Sql): Promise<void> {
  for (const { name } of tables.toReversed()) await sql.query(`delete from ${name}`)
  await sql.query('update revision set number = 0 where id = 1')
}
