import { fstatSync } from 'node:fs'

/**
 * The file that a standard stream leads to, as `kong-ts start > FILE` has it, by a path to open it again for appending.
 * Several write there, each with a place of its own in the file: a plain write would go over what others have written.
 */
export function standardFile(fd: 1 | 2): string | undefined {
  return fstatSync(fd).isFile() ? `/proc/self/fd/${fd}` : undefined
}
