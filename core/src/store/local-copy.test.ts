import { stat, writeFile } from 'node:fs/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { EntitySet } from '../entities/entity-set.ts'
import type { Snapshot } from '../entities/rows.ts'
import { LocalCopy } from './local-copy.ts'
import { makePrefix } from './postgres-store.fixture.ts'
import { makePrivate } from './private-file.ts'
import { delta, put, remove, route, service } from './store-rows.ts'

let place: ReturnType<typeof makePrefix>
beforeEach(() => {
  place = makePrefix()
})
afterEach(() => place.remove())

const open = (origin = 'one') => LocalCopy.open(place.prefix, origin)
const file = () => `${place.prefix}/last-configuration.db`

/** What a node serves, as it goes on. */
async function serving(copy: LocalCopy): Promise<Snapshot> {
  await copy.keep(() => whole(3, 'a', 'b'))
  const kept = await copy.load()
  if (!kept) throw new Error('nothing was kept')
  return kept
}

function whole(revision: number, ...ids: readonly string[]): Snapshot {
  const services = ids.map(service)
  return { revision, rows: { ...EntitySet.empty().snapshot().rows, services } }
}

const never = (): never => {
  throw new Error('the whole was asked for')
}

test('a whole is kept, then changes by themselves, also over a restart', async () => {
  const copy = await open()
  expect(await copy.load()).toBeUndefined()
  expect(await serving(copy)).toMatchObject(whole(3, 'a', 'b'))
  await copy.keep(never, delta(3, put('routes', route('r', 'a')), remove('services', 'b')))
  await copy.close()
  const again = await open()
  const kept = await again.load()
  expect(kept?.revision).toBe(4)
  expect(kept?.rows.services).toEqual([service('a')])
  expect(kept?.rows.routes).toEqual([route('r', 'a')])
  await again.close()
})

test('a change that does not follow is answered by the whole', async () => {
  const copy = await open()
  await serving(copy)
  await copy.keep(() => whole(9, 'c'), delta(8, put('services', service('c'))))
  expect(await copy.load()).toMatchObject(whole(9, 'c'))
  // Put back to an older state.
  await copy.keep(() => whole(2, 'a'))
  expect(await copy.load()).toMatchObject(whole(2, 'a'))
  await copy.close()
})

test('the copy of another store is not taken for this one', async () => {
  const copy = await open()
  await serving(copy)
  await copy.close()
  const other = await open('two')
  expect(await other.load()).toBeUndefined()
  await other.close()
})

test('a damaged file is made anew, for its owner alone', async () => {
  await writeFile(file(), 'no database at all, but a rather long text\n'.repeat(100), {
    mode: 0o644,
  })
  const copy = await open()
  await serving(copy)
  for (const name of [file(), `${file()}-wal`]) expect((await stat(name)).mode & 0o777).toBe(0o600)
  await copy.close()
  expect(() => makePrivate(`${file()}/below`)).toThrow('cannot be opened')
})
