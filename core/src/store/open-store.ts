import { chmodSync, closeSync, existsSync, mkdirSync, openSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { migrate, readMigrations } from './migrate.ts'
import type { Database } from './sql.ts'
import { createSqlStore } from './sql-store.ts'
import { openSqlite } from './sqlite.ts'
import { StoreError } from './store.ts'
import type { Store } from './store.ts'

export interface StoreOptions {
  readonly kind: 'embedded'
  /** The folder in which the gateway keeps its state. */
  readonly prefix: string
}

/**
 * Opens the store, made or migrated to this version's shape.
 * @throws StoreError `unavailable` when the file cannot be opened or written, `corrupt` when it is damaged or newer
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const file = join(options.prefix, 'kong.db')
  makePrivate(options.prefix, file)
  let database: Database | undefined
  try {
    database = openSqlite(file)
    await migrate(database, await readMigrations())
    return watched(file, await createSqlStore(options.kind, database))
  } catch (error) {
    await database?.close()
    throw inFile(file, error)
  }
}

/** SQLite goes on with a file that was removed or replaced, and what it writes there is lost with the process. */
function watched(file: string, store: Store): Store {
  const opened = placeOf(file)
  return {
    ...store,
    async check() {
      if (placeOf(file) !== opened) {
        throw new StoreError('unavailable', `${file} is not the file that was opened`)
      }
      await store.check()
    },
  }
}

/** Which file has this name; nothing where there is none. */
function placeOf(file: string): string | undefined {
  const stat = statSync(file, { bigint: true, throwIfNoEntry: false })
  return stat && `${stat.dev}:${stat.ino}`
}

/** Private keys are stored in the file: nobody else may read it. SQLite gives its side files the same mode. */
function makePrivate(prefix: string, file: string): void {
  try {
    mkdirSync(prefix, { recursive: true, mode: 0o700 })
    // An existing file is not opened: closing it again would drop the locks that this process holds on it.
    if (existsSync(file)) chmodSync(file, 0o600)
    else closeSync(openSync(file, 'wx', 0o600))
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new StoreError('unavailable', `${file} cannot be opened: ${why}`, { cause: error })
  }
}

function inFile(file: string, error: unknown): unknown {
  if (!(error instanceof StoreError)) return error
  return new StoreError(error.reason, `${file}: ${error.message}`, { cause: error })
}
