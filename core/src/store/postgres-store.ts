import type { Delta, Snapshot } from '../entities/rows.ts'
import { historyIn, type History } from './history.ts'
import type { LocalCopy } from './local-copy.ts'
import { numbersIn, type Numbers } from './numbers.ts'
import { openPostgres } from './postgres.ts'
import type { PostgresOptions } from './postgres-options.ts'
import { announcement, channel, PostgresWatch } from './postgres-watch.ts'
import { resolveCommit } from './resolve-commit.ts'
import { readDeltas, revisionId, type Authorship, type RevisionLimits } from './revisions.ts'
import { isAway, ServerLink } from './server-link.ts'
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

/** Milliseconds to count something, at most: a client waits for it. */
const patience = 2_000

/**
 * A store on a PostgreSQL server that several nodes share.
 * @throws StoreError when the server is there and its tables are not of this version; when it is away and nothing
 *   was kept locally
 */
export async function openPostgresStore(options: PostgresStoreOptions): Promise<Store> {
  const { server } = options
  const counting = openPostgres({ ...server, timeout: Math.min(server.timeout, patience) })
  const store = new PostgresStore(options, await ServerLink.make(server), counting)
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
  readonly numbers: Numbers
  readonly shared: Shared = this
  readonly history: History = historyIn((work) =>
    this.#link.use((database) => database.transaction(work)),
  )
  readonly #options: PostgresStoreOptions
  readonly #link: ServerLink
  /** Connections of its own: a busy counter and a change of the configuration do not wait for each other. */
  readonly #counting: Database
  #watch: PostgresWatch | undefined
  /** Which commit made the revision that this node has last seen. */
  #known: { readonly number: number; readonly id: string | undefined } | undefined

  constructor(options: PostgresStoreOptions, link: ServerLink, counting: Database) {
    this.#options = options
    this.#link = link
    this.#counting = counting
    this.numbers = numbersIn({
      query: (text, values) => link.answering(() => counting.query(text, values)),
    })
  }

  get health(): StoreHealth {
    return this.#link.health
  }

  async open(): Promise<void> {
    try {
      await this.#link.use(async () => undefined)
    } catch (error) {
      if (!isAway(error) || !(await this.#options.copy.load())) throw error
    }
  }

  /** From the read-only copy, else from the server, else what was kept locally. */
  async load(): Promise<Snapshot> {
    const { readOnly, copy } = this.#options
    if (readOnly) {
      const snapshot = await loadFrom(readOnly).catch(unlessAway)
      if (snapshot) return snapshot
    }
    // At the start this was found out a moment ago.
    const kept = this.health.reachable ? undefined : await copy.load()
    return kept ?? this.reload()
  }

  reload(): Promise<Snapshot> {
    return this.#link.use((database) =>
      database.transaction(async (sql) => {
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
      await this.#link.use((database) =>
        database.transaction(async (sql) => {
          await writeDelta(sql, revision, limits)
          const told = announcement(server.schema, delta.revision)
          await sql.query('select pg_notify($1, $2)', [channel, told])
        }),
      )
    } catch (error) {
      if (!(error instanceof StoreError) || error.reason !== 'unknown') throw error
      await resolveCommit(this.#link.database, revision, error, server.timeout)
    }
    this.#known = { number: delta.revision, id: revision.id }
  }

  async check(): Promise<void> {
    await this.#link.use((database) => readRevision(database))
  }

  since(revision: number): Promise<readonly Delta[] | undefined> {
    return this.#link.use((database) =>
      database.transaction(async (sql) => {
        const stored = await readRevision(sql)
        if (stored < revision || (await this.#isOtherHistory(sql, revision))) return undefined
        const deltas = await readDeltas(sql, revision, stored)
        if (deltas) this.#known = { number: stored, id: await revisionId(sql, stored) }
        return deltas
      }),
    )
  }

  watch({ changed, health }: Watcher): void {
    const watch = new PostgresWatch({
      server: this.#options.server,
      interval: this.#options.interval,
      changed,
      check: async (sql) => {
        await this.#link.check(sql)
        return readRevision(sql)
      },
      health: (seen) => this.#link.become(seen),
    })
    this.#watch = watch
    this.#link.watched({ probe: () => watch.probe(), health })
  }

  keep(snapshot: () => Snapshot, delta?: Delta): Promise<void> {
    return this.#options.copy.keep(snapshot, delta)
  }

  async close(): Promise<void> {
    await this.#watch?.close()
    await this.#link.close()
    await this.#counting.close()
    await this.#options.copy.close()
  }

  /** A database that was replaced by an older one may have come to the same number since. */
  async #isOtherHistory(sql: Sql, revision: number): Promise<boolean> {
    if (this.#known?.number !== revision || this.#known.id === undefined) return false
    const id = await revisionId(sql, revision)
    return id !== undefined && id !== this.#known.id
  }
}

async function loadFrom(options: PostgresOptions): Promise<Snapshot> {
  const link = await ServerLink.make(options)
  try {
    return await link.use((database) => database.transaction(loadSnapshot))
  } finally {
    await link.close()
  }
}

function unlessAway(error: unknown): undefined {
  if (!isAway(error)) throw error
}
