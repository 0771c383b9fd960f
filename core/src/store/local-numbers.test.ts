import { existsSync } from 'node:fs'
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { LocalNumbers } from './local-numbers.ts'

let folder: string
let file: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'numbers-'))
  file = join(folder, 'numbers.db')
})
afterEach(() => rm(folder, { recursive: true }))

const name = { instance: 'i', key: 'k' }
const one = { ...name, amount: 1, ceiling: 9, until: 1000 }

test('the file is made by the first who counts, and is for its owner alone', async () => {
  const numbers = new LocalNumbers(file)
  expect(await numbers.sweep(0)).toBe(false)
  await numbers.forget(['i'])
  expect(existsSync(file)).toBe(false)
  expect(await numbers.add([one], 0)).toEqual([1])
  for (const each of [file, `${file}-wal`, `${file}-shm`]) {
    expect([each, (await stat(each)).mode & 0o777]).toEqual([each, 0o600])
  }
  await numbers.close()
})

test('what an earlier process has left is swept without anybody counting', async () => {
  const earlier = new LocalNumbers(file)
  await earlier.add([one], 0)
  await earlier.close()
  const numbers = new LocalNumbers(file)
  await numbers.sweep(1e6)
  expect(await numbers.read([name], 0)).toEqual([0])
  await numbers.close()
})

test('a damaged file is made anew', async () => {
  await writeFile(file, 'this is no database '.repeat(500))
  const numbers = new LocalNumbers(file)
  expect(await numbers.add([one], 0)).toEqual([1])
  await numbers.close()
})

test('a place where no file can be made is told each time, until there is one', async () => {
  const numbers = new LocalNumbers(join(file, 'below', 'numbers.db'))
  await writeFile(file, '')
  for (let i = 0; i < 2; i++) {
    await expect(numbers.add([one], 0)).rejects.toMatchObject({ reason: 'unavailable' })
  }
  await rm(file)
  expect(await numbers.add([one], 0)).toEqual([1])
  await numbers.close()
})
