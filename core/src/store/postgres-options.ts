import { getCACertificates } from 'node:tls'
import type { Settings } from '../settings/schema.ts'

/** How to reach a PostgreSQL server. */
export interface PostgresOptions {
  /** A name, an address, or the folder of a unix socket. */
  readonly host: string
  readonly port: number
  readonly database: string
  /** Undefined leaves it to the server. */
  readonly schema: string | undefined
  readonly user: string
  readonly password: string | undefined
  /** Milliseconds to connect, and for each statement. */
  readonly timeout: number
  /** False: no TLS. `authorities` are PEM; undefined leaves a certificate unverified. */
  readonly tls: false | { readonly authorities: readonly string[] | undefined }
  /** Most connections of the pool. */
  readonly connections: number
  /** Milliseconds that an idle connection is kept. */
  readonly idle: number
}

/** Enough for the one writer, a look at the schema and the load of a worker's snapshot. */
const defaultConnections = 4
const defaultIdle = 60_000

type PgSettings = Pick<Settings, Extract<keyof Settings, `pg_${string}` | 'trusted_certificate'>>

/** The server that is written to. */
export function postgresOptions(settings: PgSettings): PostgresOptions {
  return {
    host: settings.pg_host,
    port: settings.pg_port,
    database: settings.pg_database,
    schema: settings.pg_schema,
    user: settings.pg_user,
    password: settings.pg_password,
    timeout: settings.pg_timeout,
    tls: settings.pg_ssl && { authorities: authorities(settings, settings.pg_ssl_verify) },
    connections: connections(settings.pg_pool_size, settings.pg_max_concurrent_queries),
    idle: settings.pg_keepalive_timeout ?? defaultIdle,
  }
}

/** The read-only copy of it, if there is one; what is not set for it is as for the other. */
export function replicaOptions(settings: PgSettings): PostgresOptions | undefined {
  const { pg_ro_host: host, pg_ro_ssl: ssl = settings.pg_ssl } = settings
  if (host === undefined) return undefined
  const main = postgresOptions(settings)
  const verify = settings.pg_ro_ssl_verify ?? settings.pg_ssl_verify
  const own: { readonly [K in keyof PostgresOptions]?: PostgresOptions[K] | undefined } = {
    port: settings.pg_ro_port,
    database: settings.pg_ro_database,
    schema: settings.pg_ro_schema,
    user: settings.pg_ro_user,
    password: settings.pg_ro_password,
    timeout: settings.pg_ro_timeout,
    idle: settings.pg_ro_keepalive_timeout,
  }
  return {
    ...main,
    ...withoutUndefined(own),
    host,
    tls: ssl && { authorities: authorities(settings, verify) },
    connections: connections(
      settings.pg_ro_pool_size ?? settings.pg_pool_size,
      settings.pg_ro_max_concurrent_queries ?? settings.pg_max_concurrent_queries,
    ),
  }
}

function withoutUndefined<T extends object>(
  given: T,
): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const entries = Object.entries(given).filter(([, value]) => value !== undefined)
  // The type says what the filter did.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return Object.fromEntries(entries) as { [K in keyof T]?: Exclude<T[K], undefined> }
}

function connections(size: number | undefined, concurrent: number): number {
  const most = size ?? defaultConnections
  return concurrent === 0 ? most : Math.min(most, concurrent)
}

function authorities(
  { trusted_certificate: { system, pem } }: PgSettings,
  verify: boolean,
): readonly string[] | undefined {
  if (!verify) return undefined
  return system ? [...getCACertificates('default'), ...getCACertificates('system'), ...pem] : pem
}
