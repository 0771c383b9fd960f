import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { LogFile } from './log-file.ts'

test('two writers of one file keep their texts whole', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'log-file-'))
  const path = join(folder, 'log')
  const files = [await LogFile.open(path, false), await LogFile.open(path, true)]
  const texts = files.map((_, index) => `${String(index).repeat(5000)}\n`)
  await Promise.all(
    files.map(async (file, index) => {
      for (let count = 0; count < 20; count++) await file.append(texts[index] ?? '')
    }),
  )
  await Promise.all(files.map((file) => file.close()))
  const lines = (await readFile(path, 'utf8')).split('\n').slice(0, -1)
  expect(lines).toHaveLength(40)
  expect(lines.every((line) => texts.includes(`${line}\n`))).toBe(true)
  await rm(folder, { recursive: true })
})

test('says which path cannot be written, and why', async () => {
  await expect(LogFile.open('/nonesuch/log', false)).rejects.toThrow(
    'cannot write to /nonesuch/log: ENOENT',
  )
})
