export type SqlValue = string | number | null
export type SqlRow = Readonly<Record<string, unknown>>

/** Statements in the dialect that SQLite and PostgreSQL share: `$1` parameters, no function of either engine. */
export interface Sql {
  /** Runs one statement; the rows are those that it selects or returns. */
  query(text: string, values?: readonly SqlValue[]): Promise<readonly SqlRow[]>
  /**
   * Runs `work` on one consistent view; commits when it resolves (durable then), rolls back when it rejects.
   * Inside, only the given `Sql` may be used: a call on the outer one would wait for itself.
   */
  transaction<T>(work: (sql: Sql) => Promise<T>): Promise<T>
}

/** An open connection to a database, to be closed by whoever opened it. */
export interface Database extends Sql {
  close(): Promise<void>
}
