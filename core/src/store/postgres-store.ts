import { setTimeout as pause } from 'node:timers/promises'
import type { Delta, Snapshot } from '../entities/rows.ts'
import type { LocalCopy } from './local-copy.ts'
import { readMigrations, type Migration } from './migrate.ts'
import { openPostgres } from './postgres.ts'
import { isConnectionLost } from './postgres-error.ts'
import type { PostgresOptions } from './postgres-options.ts'
import { announcement, channel, PostgresWatch } from './postgres-watch.ts'
import { readDeltas, revisionId, type Authorship, type RevisionLimits } from './revisions.ts'
import { checkSchema } from './schema-state.ts'
import type { Database, Sql } from './sql.ts'
import { loadSnapshot, newRevision, readRevision, writeDelta } from './sql-store.ts'
import { StoreError, type Shared, type Store, type StoreHealth, type Watcher } from './store.ts'

export interface PostgresStoreOptions {
  readonly server: PostgresOptions
  /** A read-only copy of the server, to load from. */
  readonly readOnly: PostgresOptions | undefined
  readonly limits: RevisionLimits
  /** Milliseconds between looks at the stored revision, should no notification come. */
  readonly interval: number
  readonly copy: LocalCopy
}

/** Milliseconds between attempts to learn what came of a commit whose answer was lost. */
const resolveStep = 100

/**
 * A store on a PostgreSQL server that several nodes share.
 * @throws StoreError when the server is there and its tables are not of this version; when it is away and nothing
 *   was kept locally
 */
export async function openPostgresStore(options: PostgresStoreOptions): Promise<Store> {
  const store = new PostgresStore(options, await readMigrations())
  try {
    await store.open()
    return store
  } catch (error) {
    await store.close()
    throw error
  }
}

class PostgresStore implements Store, Shared {
  readonly kind = 'postgres'
  readonly shared: Shared = this
  readonly #options: PostgresStoreOptions
  readonly #migrations: readonly Migration[]
  readonly #database: Database
  #health: StoreHealth = { reachable: true }
  /** Whether the tables were of this version when the server was last reached. */
  #checked = false
  #watch: PostgresWatch | undefined
  #watcher: Watcher | undefined
  /** Which commit made the revision that this node has last seen. */
  #known: { readonly number: number; readonly id: string | undefined } | undefined

  constructor(options: PostgresStoreOptions, migrations: readonly Migration[]) {
    this.#options = options
    this.#migrations = migrations
    this.#database = openPostgres(options.server)
  }

  get health(): StoreHealth {
    return this.#health
  }

  async open(): Promise<void> {
    try {
      await this.#use(async () => undefined)
    } catch (error) {
      if (!isAway(error) || !(await this.#options.copy.load())) throw error
    }
  }

  /** From the read-only copy, else from the server, else what was kept locally. */
  async load(): Promise<Snapshot> {
    const { readOnly, copy } = this.#options
    if (readOnly) {
      const snapshot = await loadFrom(readOnly, this.#migrations).catch(unlessAway)
      if (snapshot) return snapshot
    }
    try {
      return await this.reload()
    } catch (error) {
      const kept = isAway(error) ? await copy.load() : undefined
      if (kept) return kept
      throw error
    }
  }

  reload(): Promise<Snapshot> {
    return this.#use(() =>
      this.#database.transaction(async (sql) => {
        const snapshot = await loadSnapshot(sql)
        this.#known = { number: snapshot.revision, id: await revisionId(sql, snapshot.revision) }
        return snapshot
      }),
    )
  }

  async commit(delta: Delta, by?: Authorship): Promise<void> {
    const revision = newRevision(delta, by)
    const { limits, server } = this.#options
    try {
      await this.#use(() =>
        this.#database.transaction(async (sql) => {
          await writeDelta(sql, revision, limits)
          const told = announcement(server.schema, delta.revision)
          await sql.query('select pg_notify($1, $2)', [channel, told])
        }),
      )
    } catch (error) {
      if (!(error instanceof StoreError) || error.reason !== 'unknown') throw error
      await this.#resolve(delta.revision, revision.id, error)
    }
    this.#known = { number: delta.revision, id: revision.id }
  }

  since(revision: number): Promise<readonly Delta[] | undefined> {
    return this.#use(() =>
      this.#database.transaction(async (sql) => {
        const stored = await readRevision(sql)
        if (stored < revision || (await this.#isOtherHistory(sql, revision))) return undefined
        const deltas = await readDeltas(sql, revision, stored)
        if (deltas) this.#known = { number: stored, id: await revisionId(sql, stored) }
        return deltas
      }),
    )
  }

  watch(watcher: Watcher): void {
    this.#watcher = watcher
    this.#watch ??= new PostgresWatch({
      server: this.#options.server,
      interval: this.#options.interval,
      changed: (revision, how) => watcher.changed(revision, how),
      check: async (sql) => {
        const whole: Sql = { query: (text, values) => sql.query(text, values), transaction: (work) => work(whole) }
        await checkSchema(whole, this.#migrations)
        this.#checked = true
        return readRevision(whole)
      },
      health: (health) => this.#become(health),
    })
  }

  #become(health: StoreHealth): void {
    const before = this.#health
    this.#health = health
    if (!health.reachable) this.#checked = false
    if (before.reachable !== health.reachable) this.#watcher?.health(health)
  }

  keep(snapshot: () => Snapshot, delta?: Delta): Promise<void> {
    return this.#options.copy.keep(snapshot, delta)
  }

  async close(): Promise<void> {
    await this.#watch?.close()
    await this.#database.close()
    await this.#options.copy.close()
  }

  /** A database that was replaced by an older one may have come to the same number since. */
  async #isOtherHistory(sql: Sql, revision: number): Promise<boolean> {
    if (this.#known?.number !== revision || this.#known.id === undefined) return false
    const id = await revisionId(sql, revision)
    return id !== undefined && id !== this.#known.id
  }

  /**
   * The answer to a commit was lost. Waits until the server has either done or dropped it, and says which.
   * @throws StoreError `unavailable` when it was not done, or that cannot be learnt in time
   */
  async #resolve(number: number, id: string, lost: StoreError): Promise<void> {
    const deadline = Date.now() + this.#options.server.timeout
    while (Date.now() < deadline) {
      const stored = await this.#lockedId(number).catch(unlessAwayOrConflict)
      if (stored === undefined) await pause(resolveStep)
      else if (stored === id) return
      else throw new StoreError('unavailable', `${lost.message}; the change was not stored`)
    }
    const message = `${lost.message}; whether the change was stored will be seen when the database is back`
    throw new StoreError('unavailable', message, { cause: lost })
  }

  /** Waits for whoever still holds the row of the revision. Undefined: ask again. */
  #lockedId(number: number): Promise<string | undefined> {
    return this.#database.transaction(async (sql) => {
      await sql.query('update revision set number = number where id = 1')
      return (await revisionId(sql, number)) ?? 'none'
    })
  }

  /** Uses the server once its tables are known to be of this version. */
  async #use<T>(work: () => Promise<T>): Promise<T> {
    // Known to be away: nobody waits for that to be found out once more.
    if (this.#watch && !this.#health.reachable) {
      throw new StoreError('unavailable', this.#health.error ?? 'the database is away')
    }
    try {
      if (!this.#checked) await checkSchema(this.#database, this.#migrations)
      this.#checked = true
      const result = await work()
      return result
    } catch (error) {
      if (isAway(error) && isConnectionLost(error.cause)) {
        this.#become({ reachable: false, error: error.message })
        this.#watch?.probe()
      }
      throw error
    }
  }
}

async function loadFrom(
  options: PostgresOptions,
  migrations: readonly Migration[],
): Promise<Snapshot> {
  const database = openPostgres(options)
  try {
    await checkSchema(database, migrations)
    return await database.transaction(loadSnapshot)
  } finally {
    await database.close()
  }
}

function isAway(error: unknown): error is StoreError {
  return error instanceof StoreError && (error.reason === 'unavailable' || error.reason === 'unknown')
}

function unlessAway(error: unknown): undefined {
  if (!isAway(error)) throw error
}

function unlessAwayOrConflict(error: unknown): undefined {
  if (!(error instanceof StoreError) || error.reason === 'corrupt') throw error
}
