import { isUndefinedTable } from './postgres-error.ts'
import { checkApplied, phasesOf, readApplied, type Migration } from './migrate.ts'
import { needsBootstrap } from './schema-words.ts'
import type { Sql } from './sql.ts'
import { StoreError } from './store.ts'

/** How far the migrations of a PostgreSQL database have got; names in their order. */
export interface SchemaState {
  readonly needsBootstrap: boolean
  readonly executed: readonly string[]
  /** Those whose second phase has not run. */
  readonly pending: readonly string[]
  /** Those that were applied and that this version does not know. */
  readonly missing: readonly string[]
  /** Those that this version knows and that were not applied. */
  readonly fresh: readonly string[]
}

export async function readSchemaState(
  sql: Sql,
  migrations: readonly Migration[],
): Promise<SchemaState> {
  const names = migrations.map(({ name }) => name)
  const applied = await readApplied(sql).catch(unlessUndefined)
  if (applied === undefined || applied.size === 0) {
    return { needsBootstrap: true, executed: [], pending: [], missing: [], fresh: names }
  }
  const known = new Map([...applied].filter(([name]) => names.includes(name)))
  checkApplied(known, migrations)
  const pending = await readPending(sql)
  return {
    needsBootstrap: false,
    executed: [...applied.keys()].filter((name) => !pending.has(name)).toSorted(),
    pending: [...pending].toSorted(),
    missing: [...applied.keys()].filter((name) => !names.includes(name)).toSorted(),
    fresh: names.filter((name) => !applied.has(name)),
  }
}

/** @throws StoreError when a node of this version cannot work with the database */
export async function checkSchema(sql: Sql, migrations: readonly Migration[]): Promise<void> {
  const state = await readSchemaState(sql, migrations)
  if (state.needsBootstrap) {
    throw new StoreError(
      'corrupt',
      `${needsBootstrap} To start a new installation, run 'kong-ts migrations bootstrap'`,
    )
  }
  const [newer] = state.missing
  if (newer !== undefined) {
    throw new StoreError('corrupt', `the database has migration ${newer} of a newer version`)
  }
  if (state.fresh.length === 0) return
  const lacks = state.fresh.join(', ')
  throw new StoreError(
    'corrupt',
    `New migrations available; run 'kong-ts migrations up' to proceed (the database lacks ${lacks})`,
  )
}

/** Whether a migration has a second phase. */
export function hasFinish(migration: Migration): boolean {
  return phasesOf(migration).finish.length > 0
}

async function readPending(sql: Sql): Promise<ReadonlySet<string>> {
  const rows = await sql.query('select name from pending_migrations').catch(unlessUndefined)
  return new Set((rows ?? []).map((row) => String(row['name'])))
}

function unlessUndefined(error: unknown): undefined {
  if (!isUndefinedTable(error)) throw error
}
