import { setTimeout as pause } from 'node:timers/promises'
import { revisionId, type NewRevision } from './revisions.ts'
import type { Sql } from './sql.ts'
import { StoreError } from './store.ts'

/** Milliseconds between attempts to learn what came of a commit whose answer was lost. */
const step = 100

/**
 * Waits until the server has either done or dropped a commit whose answer was lost, and says which.
 * @param patience milliseconds
 * @throws StoreError `unavailable` when it was not done, or that cannot be learnt in time
 */
export async function resolveCommit(
  sql: Sql,
  { id, delta }: NewRevision,
  lost: StoreError,
  patience: number,
): Promise<void> {
  const deadline = Date.now() + patience
  while (Date.now() < deadline) {
    const stored = await lockedId(sql, delta.revision).catch(unlessPassing)
    if (stored === id) return
    if (stored !== undefined) {
      throw new StoreError('unavailable', `${lost.message}; the change was not stored`)
    }
    await pause(step)
  }
  const message = `${lost.message}; whether the change was stored will be seen when the database is back`
  throw new StoreError('unavailable', message, { cause: lost })
}

/** Waits for whoever still holds the row of the revision: the lost connection may be at work there. */
function lockedId(sql: Sql, number: number): Promise<string> {
  return sql.transaction(async (inside) => {
    await inside.query('update revision set number = number where id = 1')
    return (await revisionId(inside, number)) ?? ''
  })
}

function unlessPassing(error: unknown): undefined {
  if (!(error instanceof StoreError) || error.reason === 'corrupt') throw error
}
