import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { codeOf } from '../../errors/code-of.ts'

/** The kernel holds a unix path in 108 bytes, the last of them zero. */
const longest = 107
const socketName = 'control.sock'
const folderName = 'kong-ts-control-'

/**
 * A path to bind the control socket to: in the prefix, or, where that is too long for the kernel, in a new
 * folder (0700) for temporary files that `control.path` in the prefix names. Whatever an earlier node left is
 * removed, so the caller holds the claim on the prefix.
 */
export function makeControlPath(prefix: string): string {
  removeControlPath(prefix)
  const path = join(prefix, socketName)
  if (Buffer.byteLength(path) <= longest) return path
  const short = join(mkdtempSync(join(tmpdir(), folderName)), socketName)
  writeFileSync(pointerOf(prefix), short, { mode: 0o600 })
  return short
}

export function removeControlPath(prefix: string): void {
  const path = findControlPath(prefix)
  rmSync(path, { force: true })
  if (dirname(path) === prefix) return
  // Only a folder of our own making goes, whatever the file says.
  if (dirname(path).startsWith(join(tmpdir(), folderName))) {
    rmSync(dirname(path), { recursive: true, force: true })
  }
  rmSync(pointerOf(prefix), { force: true })
}

/** Where a running node's socket is, if one runs. */
export function findControlPath(prefix: string): string {
  try {
    return readFileSync(pointerOf(prefix), 'utf8')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return join(prefix, socketName)
    throw error
  }
}

function pointerOf(prefix: string): string {
  return join(prefix, 'control.path')
}
