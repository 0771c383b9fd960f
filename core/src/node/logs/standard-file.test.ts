import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { standardFile } from './standard-file.ts'

/** Anybody but root. */
const nobody = 65_534

function openFile(mode: number): number {
  const folder = mkdtempSync(join(tmpdir(), 'standard-file-'))
  const fd = openSync(join(folder, 'log'), 'a', mode)
  onTestFinished(() => {
    closeSync(fd)
    rmSync(folder, { recursive: true })
  })
  return fd
}

test('a file is opened again', () => {
  const fd = openFile(0o600)
  expect(standardFile(fd)).toBe(`/proc/self/fd/${fd}`)
})

test('what is no file is not', () => {
  const fd = openSync('/dev/null', 'a')
  onTestFinished(() => closeSync(fd))
  expect(standardFile(fd)).toBeUndefined()
})

test('a file that was opened for a user who may not open it is written where it was opened', () => {
  const fd = openFile(0)
  // Root may open anything.
  if (process.geteuid?.() === 0) {
    process.seteuid?.(nobody)
    onTestFinished(() => process.seteuid?.(0))
  }
  expect(standardFile(fd)).toBeUndefined()
})
