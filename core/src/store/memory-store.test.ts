import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { MemoryStore } from './memory-store.ts'
import { describeNumbers } from './numbers-contract.ts'
import { describeStore } from './store-contract.ts'
import { delta, put, route, service } from './store-rows.ts'

const empty = 'none'

const makePlace = async () => {
  const place = await mkdtemp(join(tmpdir(), 'store-'))
  return {
    open: () => MemoryStore.open(join(place, 'kept.json'), empty),
    remove: () => rm(place, { recursive: true }),
  }
}
describeStore('memory', makePlace)
describeNumbers('memory', makePlace)

let folder: string
let file: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'store-'))
  file = join(folder, 'kept.json')
})
afterEach(() => rm(folder, { recursive: true }))

test('the file is for its owner alone, and keeps which configuration it is', async () => {
  const store = await MemoryStore.open(file, empty)
  expect(store.hash).toBe(empty)
  store.hash = 'first'
  await store.commit(delta(0, put('services', service('s1'))))
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  expect((await MemoryStore.open(file, empty)).hash).toBe('first')
})

test('what is staged is served, and kept with the next write', async () => {
  const store = await MemoryStore.open(file, empty)
  store.stage([put('services', service('s1'))])
  expect((await store.load()).rows.services).toHaveLength(1)
  expect((await (await MemoryStore.open(file, empty)).load()).rows.services).toEqual([])
  store.hash = 'now'
  await store.save()
  const reopened = await MemoryStore.open(file, empty)
  expect([reopened.hash, (await reopened.load()).rows.services]).toEqual(['now', [service('s1')]])
})

test('what cannot be staged changes nothing', async () => {
  const store = await MemoryStore.open(file, empty)
  expect(() => store.stage([put('routes', route('r1', 'nowhere'))])).toThrow(/constraint/)
  expect(await store.load()).toMatchObject({ revision: 0, rows: { routes: [] } })
})

test('a write that fails leaves the rows as they were, and a later one succeeds', async () => {
  const store = await MemoryStore.open(join(folder, 'gone', 'kept.json'), empty)
  const commit = store.commit(delta(0, put('services', service('s1'))))
  await expect(commit).rejects.toMatchObject({ reason: 'unavailable' })
  expect(await store.load()).toMatchObject({ revision: 0, rows: { services: [] } })
})

test('a write that fails leaves nothing behind that takes room', async () => {
  const store = await MemoryStore.open(file, empty)
  await mkdir(join(file, 'taken'), { recursive: true })
  await expect(store.save()).rejects.toMatchObject({ reason: 'unavailable' })
  expect(await readdir(folder)).toEqual([basename(file)])
})

test.each(['{"half', '[]', '{"hash":"x","snapshot":{"revision":1}}'])(
  'a file that holds %s is refused and stays as it is',
  async (text) => {
    await writeFile(file, text)
    await expect(MemoryStore.open(file, empty)).rejects.toMatchObject({ reason: 'corrupt' })
    expect(await readFile(file, 'utf8')).toBe(text)
  },
)

test('what is no file is unavailable', async () => {
  await expect(MemoryStore.open(folder, empty)).rejects.toMatchObject({ reason: 'unavailable' })
})
