import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { readSourceFile } from './read-source-file.ts'
import type { Edition } from './source.ts'

function fileOf(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'kong-ts-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'list.txt')
  writeFileSync(path, text)
  return path
}

const { signal } = new AbortController()
const read = (path: string, known?: Edition<string>, limit = 1000) =>
  readSourceFile(path, known, { limit, read: make }, signal)

const make = async (bytes: Buffer, before: string | undefined) => {
  if (bytes.toString() === 'bad') throw new Error('it is bad')
  return `${before === undefined ? '' : `${before} `}${bytes.toString()}`
}

test('a file is read anew when it is another one, and not before', async () => {
  const path = fileOf('one')
  const first = await read(path)
  expect(first).toMatchObject({ content: 'one' })
  expect(await read(path, first)).toBe(first)
  writeFileSync(`${path}.new`, 'two')
  renameSync(`${path}.new`, path)
  const second = await read(path, first)
  expect(second.content).toBe('one two')
  expect(second.id).not.toBe(first.id)
})

test.each([
  ['/nowhere/list.txt', 1000, 'ENOENT'],
  [tmpdir(), 1000, /EISDIR|no regular file/],
  ['/dev/zero', 1000, 'it is no regular file'],
])('%s', async (path, limit, message) => {
  await expect(read(path, undefined, limit)).rejects.toThrow(message)
})

test('what must not be used, and a file that is too large', async () => {
  await expect(read(fileOf('bad'))).rejects.toThrow('it is bad')
  await expect(read(fileOf('123456'), undefined, 5)).rejects.toThrow('larger than 5 bytes')
})
