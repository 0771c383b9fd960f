import { statSync } from 'node:fs'
import { join } from 'node:path'
import type { Settings } from '../settings/schema.ts'
import { LocalCopy } from './local-copy.ts'
import { migrate, readMigrations } from './migrate.ts'
import { makePrivate } from './private-file.ts'
import { createSqlStore } from './sql-store.ts'
import { openSqlite, type SqliteFile } from './sqlite.ts'
import { StoreError } from './store.ts'
import type { RevisionLimits } from './revisions.ts'
import type { Store } from './store.ts'

export interface StoreOptions {
  readonly kind: 'embedded'
  /** The folder in which the gateway keeps its state. */
  readonly prefix: string
  readonly limits?: RevisionLimits
}

/** The store that the settings name. @throws StoreError */
export async function openConfiguredStore(settings: Settings): Promise<Store> {
  const { prefix } = settings
  const limits = { count: settings.revision_limit, age: settings.revision_age }
  if (settings.database !== 'postgres') return openStore({ kind: 'embedded', prefix, limits })
  // Loaded here because no other store needs the driver.
  const [{ postgresOptions, replicaOptions }, { openPostgresStore }] = await Promise.all([
    import('./postgres-options.ts'),
    import('./postgres-store.ts'),
  ])
  const server = postgresOptions(settings)
  const origin = [server.host, server.port, server.database, server.schema ?? ''].join(' ')
  return openPostgresStore({
    server,
    readOnly: replicaOptions(settings),
    limits,
    interval: settings.db_update_frequency,
    copy: await LocalCopy.open(prefix, origin),
  })
}

/**
 * Opens the embedded store, made or migrated to this version's shape.
 * @throws StoreError `unavailable` when the file cannot be opened or written, `corrupt` when it is damaged or newer
 */
export async function openStore({ kind, prefix, limits }: StoreOptions): Promise<Store> {
  const file = join(prefix, 'kong.db')
  makePrivate(file)
  let database: SqliteFile | undefined
  try {
    database = openSqlite(file)
    await migrate(database, await readMigrations())
    return watched(file, await createSqlStore(kind, database, limits))
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

function inFile(file: string, error: unknown): unknown {
  if (!(error instanceof StoreError)) return error
  return new StoreError(error.reason, `${file}: ${error.message}`, { cause: error })
}
