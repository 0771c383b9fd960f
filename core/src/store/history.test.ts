import { expect, onTestFinished, test } from 'vitest'
import type { Change } from '../entities/rows.ts'
import { historyIn, type Revision } from './history.ts'
import { migrate, readMigrations } from './migrate.ts'
import { parseChanges } from './parse-changes.ts'
import { createSqlStore } from './sql-store.ts'
import { openSqlite } from './sqlite.ts'
import { bareService, delta, put, remove, route, service } from './store-rows.ts'

async function openHistory(count = 100) {
  const database = openSqlite(':memory:')
  onTestFinished(() => database.close())
  await migrate(database, await readMigrations())
  const store = await createSqlStore('embedded', database, { count, age: 60_000 })
  const history = store.history ?? historyIn((work) => database.transaction(work))
  const commit = (base: number, undo: readonly Change[], ...changes: readonly Change[]) =>
    store.commit(delta(base, ...changes), { author: `author ${base}`, undo })
  return { database, history, commit }
}

test('revisions are listed the newest first, a page at a time, and found whole', async () => {
  const { history, commit } = await openHistory()
  const made = [put('services', service('s1')), put('routes', route('r1', 's1'))]
  const undo = [remove('services', 's1'), remove('routes', 'r1')]
  await commit(0, undo, ...made)
  await commit(1, [put('services', service('s1'))], put('services', bareService('s1')))
  await commit(2, [put('routes', route('r1', 's1'))], remove('routes', 'r1'))
  const listed = await history.list({ size: 2 })
  expect(listed.map(({ number, changes }) => [number, changes])).toEqual([
    [3, 1],
    [2, 1],
  ])
  expect(await history.list({ size: 2, below: 2 })).toEqual([
    {
      number: 1,
      createdAt: expect.any(Number),
      author: 'author 0',
      changes: 2,
      entities: ['routes', 'services'],
    },
  ])
  expect(await history.find(1)).toMatchObject({ author: 'author 0', changes: made, undo })
  expect(await history.find(4)).toBeUndefined()
  const seen: Revision[] = []
  await history.walk(1, 3, (revision) => seen.push(revision))
  expect(seen.map(({ number }) => number)).toEqual([2, 3])
})

test('what is no longer remembered is left out', async () => {
  const { history, commit } = await openHistory(2)
  for (let base = 0; base < 4; base += 1) {
    await commit(base, [remove('services', `s${base}`)], put('services', service(`s${base}`)))
  }
  expect((await history.list({ size: 9 })).map(({ number }) => number)).toEqual([4, 3])
  expect(await history.find(2)).toBeUndefined()
})

test('what was edited into nonsense is told apart', async () => {
  const { history, commit, database } = await openHistory()
  await commit(0, [remove('services', 's1')], put('services', service('s1')))
  await database.query(`update revisions set changes = '[{"op":"put","entity":"services"}]'`)
  expect(await history.find(1)).toMatchObject({ changes: undefined, undo: expect.any(Array) })
  expect(await history.list({ size: 1 })).toMatchObject([{ changes: undefined, entities: [] }])
})

test.each([
  [null],
  ['{'],
  ['{}'],
  ['[1]'],
  ['[{"op":"delete","entity":"nothing","id":"a"}]'],
  ['[{"op":"delete","entity":"services"}]'],
  ['[{"op":"move","entity":"services","id":"a"}]'],
  ['[{"op":"put","entity":"services","row":{"id":"a"}}]'],
])('%j is no list of changes', (text) => {
  expect(parseChanges(text)).toBeUndefined()
})
