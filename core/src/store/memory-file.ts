import { open, readFile, rename, rm } from 'node:fs/promises'
import { isFields } from '../entities/fields.ts'
import { collectRows } from '../entities/definitions/index.ts'
import type { EntityName, Rows, Snapshot } from '../entities/rows.ts'
import { codeOf } from '../errors/code-of.ts'
import { messageOf } from '../errors/message-of.ts'
import { StoreError } from './store.ts'

/** What a node without a database keeps: the rows of the last configuration that it took, and which one that was. */
export interface Kept {
  readonly hash: string
  readonly snapshot: Snapshot
}

/**
 * What is kept in a file; nothing where there is none.
 * @throws StoreError `unavailable` when it cannot be read, `corrupt` when it is not what was written
 */
export async function readKept(file: string): Promise<Kept | undefined> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw new StoreError('unavailable', `${file} cannot be read: ${messageOf(error)}`, {
      cause: error,
    })
  }
  const kept = parse(text)
  if (kept !== undefined) return kept
  throw new StoreError('corrupt', `${file} is damaged; remove it to start without it`)
}

/**
 * Writes it whole or not at all, for its owner alone; it is on the disk when this resolves.
 * @throws StoreError `unavailable`
 */
export async function writeKept(file: string, kept: Kept): Promise<void> {
  const next = `${file}.next`
  try {
    await rm(next, { force: true })
    const handle = await open(next, 'wx', 0o600)
    try {
      await handle.writeFile(JSON.stringify(kept))
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(next, file)
  } catch (error) {
    // The room that it took may be what is lacking; that it cannot be removed either matters less than why.
    await rm(next, { force: true }).catch(() => undefined)
    throw new StoreError('unavailable', `${file} cannot be written: ${messageOf(error)}`, {
      cause: error,
    })
  }
}

function parse(text: string): Kept | undefined {
  let kept: unknown
  try {
    kept = JSON.parse(text)
  } catch {
    return undefined
  }
  if (!isFields(kept) || !isFields(kept['snapshot'])) return undefined
  const { hash, snapshot } = kept
  const { revision, rows } = snapshot
  if (typeof hash !== 'string' || typeof revision !== 'number' || !isFields(rows)) return undefined
  return { hash, snapshot: { revision, rows: collectRows((entity) => rowsIn(rows, entity)) } }
}

/** The rows that were written for an entity. */
function rowsIn<E extends EntityName>(
  rows: Readonly<Record<string, unknown>>,
  entity: E,
): readonly Rows[E][] {
  const list = rows[entity]
  return Array.isArray(list) ? list : []
}
