import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { readFile } from './read-file.ts'
import type { Edition } from './source.ts'

function fileOf(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'kong-ts-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'list.txt')
  writeFileSync(path, text)
  return path
}

const { signal } = new AbortController()
const read = (path: string, known?: Edition, limit = 1000) =>
  readFile(path, known, { limit }, signal)

test('a file is read anew when it is another one, and not before', async () => {
  const path = fileOf('10.0.0.1\n')
  const first = await read(path)
  expect(first).toMatchObject({ entries: 1 })
  expect(await read(path, first)).toBe(first)
  writeFileSync(`${path}.new`, '10.0.0.2\n')
  renameSync(`${path}.new`, path)
  expect(await read(path, first)).not.toBe(first)
})

test.each([
  ['/nowhere/list.txt', 1000, 'ENOENT'],
  [tmpdir(), 1000, /EISDIR|no regular file/],
  ['/dev/zero', 1000, 'it is no regular file'],
])('%s', async (path, limit, message) => {
  await expect(read(path, undefined, limit)).rejects.toThrow(message)
})

test('a bad line, and a file that is too large', async () => {
  await expect(read(fileOf('10.0.0.1\nx\n'))).rejects.toThrow('line 2: ')
  await expect(read(fileOf('10.0.0.1\n'), undefined, 5)).rejects.toThrow('larger than 5 bytes')
})
