import { mkdtemp, readFile, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ManualClock } from '@kong-ts/pdk/testing'
import { expect, onTestFinished, test } from 'vitest'
import { LogFile } from './log-file.ts'

const clock = new ManualClock(0)
const patient = new AbortController().signal

test('two writers of one file keep their texts whole', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'log-file-'))
  const path = join(folder, 'log')
  const files = [await LogFile.open(path, false, clock), await LogFile.open(path, true, clock)]
  const texts = files.map((_, index) => `${String(index).repeat(5000)}\n`)
  await Promise.all(
    files.map(async (file, index) => {
      for (let count = 0; count < 20; count++) await file.append(texts[index] ?? '', patient)
    }),
  )
  await Promise.all(files.map((file) => file.close()))
  const lines = (await readFile(path, 'utf8')).split('\n').slice(0, -1)
  expect(lines).toHaveLength(40)
  expect(lines.every((line) => texts.includes(`${line}\n`))).toBe(true)
  await rm(folder, { recursive: true })
})

test('says which path cannot be written, and why', async () => {
  await expect(LogFile.open('/nonesuch/log', false, clock)).rejects.toThrow(
    'cannot write to /nonesuch/log: ENOENT',
  )
})

test.each([
  ['moved away', (path: string) => rename(path, `${path}.1`)],
  ['removed', (path: string) => rm(path)],
])('a file that was %s is left alone within a second', async (_what, goAway) => {
  const folder = await mkdtemp(join(tmpdir(), 'log-file-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const path = join(folder, 'log')
  const time = new ManualClock(0)
  const file = await LogFile.open(path, false, time)
  await file.append('1', patient)
  await goAway(path)
  time.advance(999)
  await file.append('2', patient)
  time.advance(1)
  await file.append('3', patient)
  await file.append('4', patient)
  expect(await readFile(path, 'utf8')).toBe('34')
  await file.close()
})
