import { setTimeout as pause } from 'node:timers/promises'
import {
  applyMigration,
  phasesOf,
  readMigrations,
  runStatements,
  type Migration,
} from './migrate.ts'
import { openPostgres, quote } from './postgres.ts'
import type { Settings } from '../settings/schema.ts'
import { postgresOptions, type PostgresOptions } from './postgres-options.ts'
import { hasFinish, readSchemaState, type SchemaState } from './schema-state.ts'
import { SchemaBusy } from './schema-words.ts'
import type { Database, Sql } from './sql.ts'

/** Half of the key of the lock under which the schema is changed; the name of the schema is the other half. */
const lockKey = 1_802_465_139
/** Milliseconds between attempts to get it. */
const lockStep = 50

/** The tables of a PostgreSQL database, as the `migrations` commands treat them. The caller closes it. */
export class Schema {
  readonly #database: Database
  readonly #migrations: readonly Migration[]
  readonly #schema: string | undefined

  constructor(options: PostgresOptions, migrations: readonly Migration[]) {
    // One connection holds the lock while another one works.
    const connections = Math.max(2, options.connections)
    this.#database = openPostgres({ ...options, connections })
    this.#migrations = migrations
    this.#schema = options.schema
  }

  state(): Promise<SchemaState> {
    return readSchemaState(this.#database, this.#migrations)
  }

  close(): Promise<void> {
    return this.#database.close()
  }

  /**
   * Runs `work` while no other node does such a thing.
   * @param patience milliseconds to wait for another node
   * @throws SchemaBusy
   */
  alone<T>(patience: number, work: () => Promise<T>): Promise<T> {
    // The lock ends with its transaction, however this process ends.
    return this.#database.transaction(async (guard) => {
      const deadline = Date.now() + patience
      while (!(await takeLock(guard))) {
        if (Date.now() >= deadline) throw new SchemaBusy()
        await pause(lockStep)
      }
      return work()
    })
  }

  /** Runs the first phase of what is new and answers with the names; all or nothing. With `whole`, both phases. */
  async up({ whole }: { readonly whole: boolean }): Promise<readonly string[]> {
    if (this.#schema !== undefined) {
      await this.#database.query(`create schema if not exists ${quote(this.#schema)}`)
    }
    await this.#database.query(
      'create table if not exists migrations ' +
        '(name text primary key, checksum text not null, applied_at bigint not null)',
    )
    await this.#database.query(
      'create table if not exists pending_migrations (name text primary key)',
    )
    const { fresh } = await this.state()
    await this.#database.transaction(async (sql) => {
      for (const migration of this.#named(fresh)) await this.#apply(sql, migration, whole)
    })
    return fresh
  }

  /** Runs the second phase of what is pending and answers with the names; all or nothing. */
  async finish(): Promise<readonly string[]> {
    const { pending } = await this.state()
    await this.#database.transaction(async (sql) => {
      for (const migration of this.#named(pending)) {
        await runStatements(sql, migration.name, phasesOf(migration).finish)
        await sql.query('delete from pending_migrations where name = $1', [migration.name])
      }
    })
    return pending
  }

  /** Removes every table of ours, and what is in them. */
  async reset(): Promise<void> {
    const made = this.#migrations.flatMap(({ text }) =>
      [...text.matchAll(/^create table (\w+)/gm)].map(([, name = '']) => name),
    )
    await this.#database.transaction(async (sql) => {
      for (const name of [...made, 'pending_migrations', 'migrations']) {
        await sql.query(`drop table if exists ${quote(name)} cascade`)
      }
    })
  }

  #named(names: readonly string[]): readonly Migration[] {
    return this.#migrations.filter(({ name }) => names.includes(name))
  }

  async #apply(sql: Sql, migration: Migration, whole: boolean): Promise<void> {
    await applyMigration(sql, migration, Date.now())
    if (whole) await runStatements(sql, migration.name, phasesOf(migration).finish)
    else if (hasFinish(migration)) {
      await sql.query('insert into pending_migrations (name) values ($1)', [migration.name])
    }
  }
}

/** @param timeout milliseconds for each statement, in place of the setting */
export async function openSchema(settings: Settings, timeout?: number): Promise<Schema> {
  const options = postgresOptions(settings)
  const migrations = await readMigrations()
  return new Schema({ ...options, timeout: timeout ?? options.timeout }, migrations)
}

async function takeLock(guard: Sql): Promise<boolean> {
  const [row] = await guard.query(
    "select pg_try_advisory_xact_lock($1, hashtext(coalesce(current_schema(), ''))) as taken",
    [lockKey],
  )
  return row?.['taken'] === true
}
