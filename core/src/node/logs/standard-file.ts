import { closeSync, fstatSync, openSync } from 'node:fs'
import { codeOf } from '../../errors/code-of.ts'

/**
 * The file that a standard stream leads to, as `kong-ts start > FILE` has it, by a path to open it again for appending.
 * Several write there, each with a place of its own in the file: a plain write would go over what others have written.
 * Undefined for anything else, and for a file that whoever started the gateway has opened and its user may not: systemd
 * and `su` do so. That can only be written where it was opened.
 */
export function standardFile(fd: number): string | undefined {
  if (!fstatSync(fd).isFile()) return undefined
  const path = `/proc/self/fd/${fd}`
  try {
    closeSync(openSync(path, 'a'))
    return path
  } catch (error) {
    if (codeOf(error) === 'EACCES') return undefined
    throw error
  }
}
