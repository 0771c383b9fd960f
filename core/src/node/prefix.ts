import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { CommandError } from '../errors/command-error.ts'
import { messageOf } from '../errors/message-of.ts'

/** The right to use a prefix; it ends with the process at the latest. */
export interface PrefixClaim {
  readonly prefix: string
  release(): void
}

/** The locks of this process: one that nothing refers to would be collected, and dropped with that. */
const held = new Set<DatabaseSync>()
/** SQLite's code for a lock that somebody else holds. */
const busy = 5
/** Whoever only asks whether the prefix is taken holds the lock for a moment: wait that long, in milliseconds. */
const patience = 250

/**
 * Makes the folder (0700 where it is new) and takes it for this process.
 *
 * The claim is SQLite's exclusive lock on the file `lock`, a POSIX record lock: the kernel drops it with the
 * process however that ends, and a child does not inherit it. The file `pid` is for people only.
 * Nothing else may open `lock` in this process: closing it would drop the lock.
 * @throws CommandError `PREFIX_TAKEN` when a node runs there
 */
export function claimPrefix(prefix: string): PrefixClaim {
  try {
    mkdirSync(prefix, { recursive: true, mode: 0o700 })
  } catch (cause) {
    throw new Error(`cannot make the prefix ${prefix}: ${messageOf(cause)}`, { cause })
  }
  const lock = takeLock(prefix)
  if (lock === undefined) {
    throw new CommandError('PREFIX_TAKEN', `kong-ts is already running in ${prefix}`)
  }
  held.add(lock)
  const pid = join(prefix, 'pid')
  writeFileSync(pid, `${process.pid}\n`)
  return {
    prefix,
    release() {
      if (!held.delete(lock)) return
      rmSync(pid, { force: true })
      lock.close()
    },
  }
}

/** Whether a process holds the claim on an existing prefix. */
export function isClaimed(prefix: string): boolean {
  const lock = takeLock(prefix)
  lock?.close()
  return lock === undefined
}

function takeLock(prefix: string): DatabaseSync | undefined {
  const file = join(prefix, 'lock')
  let lock: DatabaseSync | undefined
  try {
    lock = new DatabaseSync(file, { timeout: patience })
    lock.exec('BEGIN EXCLUSIVE')
    return lock
  } catch (cause) {
    lock?.close()
    if (cause instanceof Error && 'errcode' in cause && cause.errcode === busy) return undefined
    throw new Error(`cannot lock ${file}: ${messageOf(cause)}`, { cause })
  }
}
