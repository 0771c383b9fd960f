import { DatabaseSync } from 'node:sqlite'
import type { StatementSync } from 'node:sqlite'
import type { Database, Sql, SqlRow, SqlValue } from './sql.ts'
import { sqliteError } from './sqlite-error.ts'

/** How long a statement waits for the lock of another process, in milliseconds. */
const lockTimeout = 5000

/**
 * Opens a SQLite file, which is created when there is none.
 * @throws StoreError `unavailable` when the file cannot be opened, `corrupt` when it is no database
 */
export function openSqlite(file: string): SqliteFile {
  let db: DatabaseSync | undefined
  try {
    // The timeout stands in the constructor because the first pragma may already meet a lock.
    db = new DatabaseSync(file, { timeout: lockTimeout })
    db.exec('pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on')
  } catch (error) {
    db?.close()
    throw sqliteError(error)
  }
  return new SqliteDatabase(db)
}

/** An open file. */
export interface SqliteFile extends Database {
  /**
   * Statements each by itself whose effect outlives the process and may be lost in a power cut: without waiting for the
   * disk they take a tenth of the time.
   */
  readonly light: Pick<Sql, 'query'>
}

/** One connection: statements wait their turn while a transaction is open. */
class SqliteDatabase implements SqliteFile {
  readonly light: Pick<Sql, 'query'> = {
    query: (text, values) => this.#inTurn(async () => this.#lightly(() => this.#run(text, values))),
  }
  readonly #db: DatabaseSync
  /** The texts are few and fixed, since values are bound: the cache needs no limit. */
  readonly #statements = new Map<string, StatementSync>()
  readonly #inside: Sql
  #tail: Promise<unknown> = Promise.resolve()

  constructor(db: DatabaseSync) {
    this.#db = db
    this.#inside = {
      query: async (text, values) => this.#run(text, values),
      transaction: (work) => work(this.#inside),
    }
  }

  query(text: string, values?: readonly SqlValue[]): Promise<readonly SqlRow[]> {
    return this.#inTurn(async () => this.#run(text, values))
  }

  transaction<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
    return this.#inTurn(async () => {
      this.#run('begin immediate')
      try {
        const result = await work(this.#inside)
        this.#run('commit')
        return result
      } catch (error) {
        // After a full disk or an I/O error SQLite has already rolled back by itself.
        if (this.#db.isTransaction) this.#run('rollback')
        throw error
      }
    })
  }

  close(): Promise<void> {
    return this.#inTurn(async () => {
      this.#statements.clear()
      if (this.#db.isOpen) this.#db.close()
    })
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#tail.then(work)
    // Whoever asked hears of the failure; the next in line does not.
    this.#tail = turn.catch(() => undefined)
    return turn
  }

  #lightly<T>(work: () => T): T {
    this.#run('pragma synchronous = normal')
    try {
      return work()
    } finally {
      this.#run('pragma synchronous = full')
    }
  }

  #run(text: string, values: readonly SqlValue[] = []): readonly SqlRow[] {
    try {
      let statement = this.#statements.get(text)
      if (!statement) {
        statement = this.#db.prepare(text)
        this.#statements.set(text, statement)
      }
      return statement.all(Object.fromEntries(values.map((value, i) => [`$${i + 1}`, value])))
    } catch (error) {
      throw sqliteError(error)
    }
  }
}
