import { isConnectionLost } from './postgres-error.ts'
import { readMigrations, type Migration } from './migrate.ts'
import { openPostgres } from './postgres.ts'
import type { PostgresOptions } from './postgres-options.ts'
import { checkSchema } from './schema-state.ts'
import type { Database, Sql } from './sql.ts'
import { StoreError, type StoreHealth } from './store.ts'

/** A server as a node uses it: only while it is there, and only with tables of this version. */
export class ServerLink {
  readonly database: Database
  readonly #migrations: readonly Migration[]
  #health: StoreHealth = { reachable: true }
  /** Whether the tables were of this version when the server was last reached. */
  #checked = false
  #watched: { probe(): void; health(health: StoreHealth): void } | undefined

  private constructor(options: PostgresOptions, migrations: readonly Migration[]) {
    this.database = openPostgres(options)
    this.#migrations = migrations
  }

  static async make(options: PostgresOptions): Promise<ServerLink> {
    return new ServerLink(options, await readMigrations())
  }

  get health(): StoreHealth {
    return this.#health
  }

  /** From now on somebody looks whether the server is there, hears of it, and may be asked to look at once. */
  watched(by: { probe(): void; health(health: StoreHealth): void }): void {
    this.#watched = by
  }

  become(health: StoreHealth): void {
    const before = this.#health
    this.#health = health
    if (!health.reachable) this.#checked = false
    if (before.reachable !== health.reachable) this.#watched?.health(health)
  }

  /** @throws StoreError `corrupt` when a node of this version cannot work with the tables */
  async check(sql: Sql): Promise<void> {
    await checkSchema(sql, this.#migrations)
    this.#checked = true
  }

  /** @throws StoreError, at once when the server is known to be away: it is looked for already */
  use<T>(work: (database: Database) => Promise<T>): Promise<T> {
    return this.answering(() => work(this.database))
  }

  /** As `use`, for work on other connections to the same server. */
  async answering<T>(work: () => Promise<T>): Promise<T> {
    const { reachable, error = 'the database is away' } = this.#health
    if (this.#watched && !reachable) throw new StoreError('unavailable', error)
    try {
      if (!this.#checked) await this.check(this.database)
      const result = await work()
      return result
    } catch (reason) {
      if (isAway(reason) && isConnectionLost(reason.cause)) this.#lose(reason.message)
      throw reason
    }
  }

  close(): Promise<void> {
    return this.database.close()
  }

  #lose(error: string): void {
    this.become({ reachable: false, error })
    this.#watched?.probe()
  }
}

export function isAway(error: unknown): error is StoreError {
  return (
    error instanceof StoreError && (error.reason === 'unavailable' || error.reason === 'unknown')
  )
}
