import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LocalCopy } from './local-copy.ts'
import type { PostgresOptions } from './postgres-options.ts'
import { openPostgresStore, type PostgresStoreOptions } from './postgres-store.ts'
import { readMigrations } from './migrate.ts'
import { Schema } from './schema.ts'
import type { Store } from './store.ts'

/** For the tests: makes the tables. */
export async function bootstrap(server: PostgresOptions): Promise<void> {
  const schema = new Schema(server, await readMigrations())
  await schema.up({ whole: true })
  await schema.close()
}

/** For the tests: a folder for the local copies of nodes, which the test removes. */
export function makePrefix(): { readonly prefix: string; remove(): void } {
  const prefix = mkdtempSync(join(tmpdir(), 'kong-ts-store-'))
  return { prefix, remove: () => rmSync(prefix, { recursive: true, force: true }) }
}

/** For the tests: the store of one node. */
export async function openNode(
  server: PostgresOptions,
  prefix: string,
  more: Partial<PostgresStoreOptions> = {},
): Promise<Store> {
  const copy = await LocalCopy.open(prefix, server.database)
  return openPostgresStore({
    server,
    readOnly: undefined,
    limits: { count: 1000, age: 86_400_000 },
    interval: 60_000,
    copy,
    ...more,
  })
}
