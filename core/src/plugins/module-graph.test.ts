import { utimesSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { folderOf } from './loading.fixture.ts'
import { filesOf, followEdition, loadEdition, plainUrl } from './module-graph.ts'

function twoFiles() {
  const folder = folderOf({ 'a.ts': '', 'b.ts': '' })
  const paths = ['a.ts', 'b.ts'].map((name) => join(folder, name))
  const [a = '', b = ''] = paths.map((path) => pathToFileURL(path).href)
  let time = 1_000_000
  const touch = (index: number) => {
    time += 1
    utimesSync(paths[index] ?? '', time, time)
  }
  return { paths, a, b, touch }
}

const url = async (given: string) => given

test('a plugin is made of its entry and what it imports, however they go round', () => {
  const { paths, a, b } = twoFiles()
  expect(followEdition(b, a)).toBe(b)
  expect(followEdition(a, b)).toBe(a)
  expect(filesOf(a)).toEqual(paths)
})

test('it is loaded under its own URL until a file of it changes, then as a whole under another', async () => {
  const { a, b, touch } = twoFiles()
  const load = async (given: string) => {
    followEdition(b, given)
    return given
  }
  expect(await loadEdition(a, load)).toBe(a)
  expect(await loadEdition(a, load)).toBe(a)
  touch(1)
  const second = await loadEdition(a, load)
  expect(second).not.toBe(a)
  expect(plainUrl(second)).toBe(a)
  expect(followEdition(b, second)).toBe(second.replace(a, b))
  expect(await loadEdition(a, load)).toBe(second)
  touch(0)
  expect(await loadEdition(a, load)).not.toBe(second)
})

test('what failed is loaded under another URL, because Node remembers failures too', async () => {
  const { a } = twoFiles()
  const failing = () => Promise.reject(new Error('no'))
  await expect(loadEdition(a, failing)).rejects.toThrow('no')
  expect(await loadEdition(a, url)).not.toBe(a)
})

test('who asks at the same time hears of the same edition', async () => {
  const { a } = twoFiles()
  expect(await Promise.all([loadEdition(a, url), loadEdition(a, url)])).toEqual([a, a])
})
