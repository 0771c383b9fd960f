import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { messageOf } from '../errors/message-of.ts'
import type { Sql } from './sql.ts'
import { StoreError } from './store.ts'

export interface Migration {
  /** The name of its file; migrations run in ascending order of their names. */
  readonly name: string
  readonly text: string
}

/** The migrations that this version knows, in order. */
export async function readMigrations(
  folder: URL = new URL('./migrations/', import.meta.url),
): Promise<readonly Migration[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).toSorted()
  return Promise.all(
    names.map(async (name) => ({ name, text: await readFile(new URL(name, folder), 'utf8') })),
  )
}

/**
 * Applies what is missing, all or nothing, and answers with the names of what it applied.
 * @throws StoreError `corrupt` when the database was made by a newer version or by an edited migration, or when
 *   a migration does not fit what it finds
 */
export function migrate(
  sql: Sql,
  migrations: readonly Migration[],
  now: number = Date.now(),
): Promise<readonly string[]> {
  return sql.transaction(async (inside) => {
    await inside.query(
      'create table if not exists migrations ' +
        '(name text primary key, checksum text not null, applied_at bigint not null)',
    )
    const applied = await readApplied(inside)
    checkApplied(applied, migrations)
    const missing = migrations.filter(({ name }) => !applied.has(name))
    for (const migration of missing) {
      await applyMigration(inside, migration, now)
      await runStatements(inside, migration.name, phasesOf(migration).finish)
    }
    return missing.map(({ name }) => name)
  })
}

/** What was applied, by name, and the checksum of what it was. */
export async function readApplied(sql: Sql): Promise<ReadonlyMap<string, string>> {
  const rows = await sql.query('select name, checksum from migrations')
  return new Map(rows.map((row) => [String(row['name']), String(row['checksum'])]))
}

/** @throws StoreError `corrupt` when something was applied that this version does not know, or knows otherwise */
export function checkApplied(
  applied: ReadonlyMap<string, string>,
  migrations: readonly Migration[],
): void {
  const known = new Map(migrations.map((migration) => [migration.name, migration]))
  for (const [name, checksum] of applied) {
    const migration = known.get(name)
    if (!migration) {
      throw new StoreError('corrupt', `the database has migration ${name} of a newer version`)
    }
    if (checksumOf(migration) !== checksum) {
      throw new StoreError('corrupt', `migration ${name} was changed after it had been applied`)
    }
  }
}

/** Runs the first phase, with which nodes of the version before can still work, and writes down that it has run. */
export async function applyMigration(sql: Sql, migration: Migration, now: number): Promise<void> {
  await runStatements(sql, migration.name, phasesOf(migration).up)
  await sql.query('insert into migrations (name, checksum, applied_at) values ($1, $2, $3)', [
    migration.name,
    checksumOf(migration),
    now,
  ])
}

/** The statements of both phases; the second begins at a line `-- finish`. */
export function phasesOf({ text }: Migration): {
  readonly up: readonly string[]
  readonly finish: readonly string[]
} {
  const [up = '', finish = ''] = text.split(/^-- finish$/m)
  return { up: split(up), finish: split(finish) }
}

/** @throws StoreError `corrupt`, naming the migration, when one does not fit the database */
export async function runStatements(
  sql: Sql,
  name: string,
  statements: readonly string[],
): Promise<void> {
  try {
    for (const statement of statements) await sql.query(statement)
  } catch (error) {
    if (error instanceof StoreError) throw error
    const why = messageOf(error)
    throw new StoreError('corrupt', `migration ${name} does not fit the database: ${why}`, {
      cause: error,
    })
  }
}

/** Statements end with a semicolon at the end of a line; comments stand on lines of their own. */
function split(text: string): readonly string[] {
  return text
    .replace(/^\s*--.*$/gm, '')
    .split(/;[ \t]*$/m)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '')
}

function checksumOf(migration: Migration): string {
  return createHash('sha256').update(migration.text).digest('hex')
}
