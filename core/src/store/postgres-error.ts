import pg from 'pg'
import { StoreError } from './store.ts'

/**
 * Codes (https://www.postgresql.org/docs/current/errcodes-appendix.html), or the classes that they begin with, that
 * say the store is at fault or somebody else was faster.
 */
const reasons: readonly (readonly [prefix: string, reason: StoreError['reason']])[] = [
  ['08', 'unavailable'], // connection
  ['25006', 'unavailable'], // read-only
  ['28', 'unavailable'], // the user may not log in
  ['3D000', 'unavailable'], // no such database
  ['3F000', 'unavailable'], // no such schema
  ['40001', 'conflict'], // somebody else has changed the row
  ['40P01', 'conflict'], // deadlock
  ['42501', 'unavailable'], // no privilege
  ['53', 'unavailable'], // out of connections, memory, disk
  ['55', 'unavailable'], // locked, or not in a state to be used
  ['57', 'unavailable'], // cancelled, shutting down, starting
  ['58', 'unavailable'], // input or output
  ['XX001', 'corrupt'],
  ['XX002', 'corrupt'],
]

/** What the driver threw, as a `StoreError`; an error in the statement or its data stays as it is. */
export function postgresError(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof StoreError) return error
  const reason = reasonOf(error)
  if (!reason) return error
  return new StoreError(reason, `${meanings[reason]}: ${describe(error)}`, { cause: error })
}

const meanings = {
  unavailable: 'the database cannot be used',
  conflict: 'the database was changed at the same time',
  corrupt: 'the database is damaged',
  unknown: 'the connection to the database broke',
} as const satisfies Record<StoreError['reason'], string>

/** Whether the connection is of no use any more, and a commit that failed with this may have happened. */
export function isConnectionLost(error: unknown): boolean {
  return !(error instanceof pg.DatabaseError) || /^(08|57P)/.test(error.code ?? '')
}

/** Whether a server that only reads was met: another connection may find one that writes. */
export function isReadOnly(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code === '25006'
}

/** Whether a statement met a table that is not there. */
export function isUndefinedTable(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code === '42P01'
}

/** What is no answer of the server comes from the way to it. */
function reasonOf(error: Error): StoreError['reason'] | undefined {
  if (!(error instanceof pg.DatabaseError)) return 'unavailable'
  const { code = '' } = error
  return reasons.find(([prefix]) => code.startsWith(prefix))?.[1]
}

/** A name with several addresses fails with one error for each, and says nothing itself. */
function describe(error: Error): string {
  if (error.message !== '') return error.message
  if (!(error instanceof AggregateError)) return error.name
  return error.errors
    .map((each) => (each instanceof Error ? each.message : String(each)))
    .join(', ')
}
