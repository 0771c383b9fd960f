import { chmodSync, closeSync, existsSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { messageOf } from '../errors/message-of.ts'
import { StoreError } from './store.ts'

/**
 * Makes a file of SQLite's that nobody else may read, since private keys are stored in it; SQLite gives its side
 * files the same mode.
 * @throws StoreError `unavailable`
 */
export function makePrivate(file: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    // An existing file is not opened: closing it again would drop the locks that this process holds on it.
    if (existsSync(file)) chmodSync(file, 0o600)
    else closeSync(openSync(file, 'wx', 0o600))
  } catch (error) {
    throw new StoreError('unavailable', `${file} cannot be opened: ${messageOf(error)}`, {
      cause: error,
    })
  }
}
