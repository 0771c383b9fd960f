import { StoreError } from './store.ts'

/** Primary result codes of SQLite (https://sqlite.org/rescode.html) that say the store is at fault. */
const reasons: ReadonlyMap<number, StoreError['reason']> = new Map([
  [5, 'unavailable'], // busy
  [6, 'unavailable'], // locked
  [8, 'unavailable'], // readonly
  [10, 'unavailable'], // input or output
  [11, 'corrupt'],
  [13, 'unavailable'], // disk full
  [14, 'unavailable'], // cannot open
  [26, 'corrupt'], // not a database
])

/** What SQLite threw, as a `StoreError`; an error in the statement or its data stays as it is. */
export function sqliteError(error: unknown): unknown {
  if (!(error instanceof Error)) return error
  const reason = reasonOf(error)
  if (!reason) return error
  const what = reason === 'corrupt' ? 'is damaged' : 'cannot be used'
  return new StoreError(reason, `the database ${what}: ${error.message}`, { cause: error })
}

function reasonOf(error: Error): StoreError['reason'] | undefined {
  if ('code' in error && error.code === 'ERR_INVALID_STATE') return 'unavailable' // closed
  if (!('errcode' in error) || typeof error.errcode !== 'number') return undefined
  return reasons.get(error.errcode & 0xff)
}
