import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import type { PostgresOptions } from './postgres-options.ts'
import { isConnectionLost, isReadOnly, postgresError } from './postgres-error.ts'
import type { Database, Sql, SqlRow, SqlValue } from './sql.ts'
import { StoreError } from './store.ts'

/** Milliseconds that a server which answers has for its own timeout, before the connection is given up. */
const grace = 250
/** Milliseconds that a server has to take its leave: one that stands still never would. */
const farewell = 1_000
/** The type of `bigint`, which the driver would give as a text. */
const bigint = 20

/** Connections to a PostgreSQL server, made as they are needed: opening says nothing of the server. */
export function openPostgres(options: PostgresOptions): Database {
  return new PostgresDatabase(options)
}

/** What every connection is made with. */
export function clientConfig(options: PostgresOptions): pg.ClientConfig {
  const { host, port, database, user, timeout, schema } = options
  const types = new pg.TypeOverrides()
  types.setTypeParser(bigint, Number)
  return {
    host,
    port,
    database,
    user,
    password: options.password ?? '',
    ssl: tlsOf(options),
    application_name: 'kong-ts',
    options: schema === undefined ? '' : `-c search_path=${escapeOption(quote(schema))}`,
    types,
    connectionTimeoutMillis: timeout,
    statement_timeout: timeout,
    query_timeout: timeout + grace,
    keepAlive: true,
  }
}

/** An identifier as it stands in a statement. */
export function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

function tlsOf({ tls }: PostgresOptions): pg.ClientConfig['ssl'] {
  if (tls === false) return false
  const { authorities } = tls
  return authorities
    ? { rejectUnauthorized: true, ca: [...authorities] }
    : { rejectUnauthorized: false }
}

/** The server splits its options at spaces. */
function escapeOption(text: string): string {
  return text.replaceAll(/[\\ ]/g, String.raw`\$&`)
}

class PostgresDatabase implements Database {
  readonly #pool: pg.Pool
  #closed: Promise<void> | undefined

  constructor(options: PostgresOptions) {
    const { connections, idle } = options
    this.#pool = new pg.Pool({
      ...clientConfig(options),
      max: connections,
      idleTimeoutMillis: idle,
    })
    // Whoever uses a connection hears of its end; that of an idle one concerns nobody.
    this.#pool.on('error', () => undefined)
    this.#pool.on('connect', (client) => client.on('error', () => undefined))
  }

  query(text: string, values?: readonly SqlValue[]): Promise<readonly SqlRow[]> {
    return this.#connected((client) => run(client, text, values))
  }

  transaction<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
    return this.#connected((client) => inTransaction(client, work))
  }

  async close(): Promise<void> {
    this.#closed ??= Promise.race([this.#pool.end(), pause(farewell, undefined, { ref: false })])
    await this.#closed
  }

  /** A connection that may be of no use goes, any other returns to the pool. */
  async #connected<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    if (this.#closed) throw new StoreError('unavailable', 'the database is closed')
    const client = await this.#pool.connect().catch(explain)
    let broken = true
    try {
      const result = await work(client)
      broken = false
      return result
    } catch (error) {
      broken = isBroken(error)
      throw error
    } finally {
      client.release(broken)
    }
  }
}

async function inTransaction<T>(client: pg.PoolClient, work: (sql: Sql) => Promise<T>): Promise<T> {
  const inside: Sql = {
    query: (text, values) => run(client, text, values),
    transaction: (deeper) => deeper(inside),
  }
  await run(client, 'begin isolation level repeatable read')
  let result: T
  try {
    result = await work(inside)
  } catch (error) {
    if (!isBroken(error)) await run(client, 'rollback')
    throw error
  }
  await commit(client)
  return result
}

/** @throws StoreError `unknown` when the connection broke meanwhile */
async function commit(client: pg.PoolClient): Promise<void> {
  try {
    await client.query('commit')
  } catch (error) {
    if (!isConnectionLost(error)) throw postgresError(error)
    const message = `the connection to the database broke during a commit: ${String(error)}`
    throw new StoreError('unknown', message, { cause: error })
  }
}

async function run(
  client: pg.PoolClient,
  text: string,
  values: readonly SqlValue[] = [],
): Promise<readonly SqlRow[]> {
  try {
    const { rows } = await client.query<Record<string, unknown>>(text, [...values])
    return rows
  } catch (error) {
    return explain(error)
  }
}

function explain(error: unknown): never {
  throw postgresError(error)
}

/** Whether the error tells of a connection that cannot be used again. */
function isBroken(error: unknown): boolean {
  if (!(error instanceof StoreError)) return false
  if (error.reason === 'unknown') return true
  return error.cause !== undefined && (isConnectionLost(error.cause) || isReadOnly(error.cause))
}
