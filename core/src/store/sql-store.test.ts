import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openStore } from './open-store.ts'
import { createSqlStore } from './sql-store.ts'
import { openSqlite, type SqliteFile } from './sqlite.ts'
import { StoreError } from './store.ts'
import { describeNumbers } from './numbers-contract.ts'
import { describeStore } from './store-contract.ts'
import { delta, put, route, service } from './store-rows.ts'

const makePlace = async () => {
  const place = await mkdtemp(join(tmpdir(), 'store-'))
  return {
    open: () => openStore({ kind: 'embedded', prefix: place }),
    remove: () => rm(place, { recursive: true }),
  }
}
describeStore('sqlite', makePlace)
describeNumbers('sqlite', makePlace)

let prefix: string
let file: string
beforeEach(async () => {
  prefix = await mkdtemp(join(tmpdir(), 'store-'))
  file = join(prefix, 'kong.db')
})
afterEach(() => rm(prefix, { recursive: true }))

const openHere = () => openStore({ kind: 'embedded', prefix })

async function failureOf(attempt: Promise<unknown>): Promise<StoreError> {
  const error = await attempt.then(
    () => new Error('it succeeded'),
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(StoreError)
  return error as StoreError
}

test('a snapshot takes one query per table, however many rows there are', async () => {
  const store = await openHere()
  const routes = Array.from({ length: 500 }, (_, i) => put('routes', route(`r${i}`, null)))
  await store.commit(delta(0, ...routes))
  await store.close()
  const texts: string[] = []
  const counted = await createSqlStore('embedded', recording(openSqlite(file), texts))
  texts.length = 0
  expect((await counted.load()).rows.routes).toHaveLength(500)
  expect(texts).toHaveLength(13)
  await counted.close()
})

function recording(database: SqliteFile, texts: string[]): SqliteFile {
  return {
    light: database.light,
    close: () => database.close(),
    query: (text, values) => (texts.push(text), database.query(text, values)),
    transaction: (work) =>
      database.transaction((sql) =>
        work({ ...sql, query: (text, values) => (texts.push(text), sql.query(text, values)) }),
      ),
  }
}

describe('what cannot be written', () => {
  test('a full disk is unavailable, and the store goes on with what it had', async () => {
    const database = openSqlite(join(prefix, 'kong.db'))
    await (await openHere()).close()
    const store = await createSqlStore('embedded', database)
    await store.commit(delta(0, put('services', service('s1'))))
    const before = await store.load()
    const [pages] = await database.query('pragma page_count')
    await database.query(`pragma max_page_count = ${String(pages?.['page_count'])}`)
    const many = Array.from({ length: 2000 }, (_, i) => put('routes', route(`r${i}`, 's1')))
    const failure = await failureOf(store.commit(delta(1, ...many)))
    expect(failure.reason).toBe('unavailable')
    expect(failure.cause).toMatchObject({ errcode: 13 })
    expect(await store.load()).toEqual(before)
    await database.query('pragma max_page_count = 100000')
    await store.commit(delta(1, ...many))
    expect((await store.load()).rows.routes).toHaveLength(2000)
    await store.close()
  })

  test('a database that turned read-only is unavailable', async () => {
    await (await openHere()).close()
    const database = openSqlite(file)
    const store = await createSqlStore('embedded', database)
    await database.query('pragma query_only = 1')
    const failure = await failureOf(store.commit(delta(0, put('services', service('s1')))))
    expect(failure.reason).toBe('unavailable')
    await database.query('pragma query_only = 0')
    expect((await store.load()).revision).toBe(0)
    await store.close()
  })
})

test('kill -9 while it commits loses nothing that was acknowledged, and tears nothing', async () => {
  let acknowledged = 0
  for (let round = 0; round < 6; round++) {
    acknowledged = await commitUntilKilled(acknowledged + 20 + round * 7)
    const store = await openHere()
    const { revision, rows } = await store.load()
    expect(revision).toBeGreaterThanOrEqual(acknowledged)
    // Every commit puts one service and one route and deletes the route of three commits ago.
    expect(rows.services).toHaveLength(revision)
    expect(rows.routes).toHaveLength(3)
    expect(rows.routes.at(-1)?.service?.id).toBe(rows.services.at(-1)?.id)
    await store.close()
  }
}, 60_000)

/** Kills a committing process once it has acknowledged so many revisions; answers with the last it acknowledged. */
async function commitUntilKilled(enough: number): Promise<number> {
  const program = fileURLToPath(new URL('./committing.child.ts', import.meta.url))
  const child = spawn(process.execPath, [program, prefix], { stdio: ['ignore', 'pipe', 'inherit'] })
  const closed = once(child, 'close')
  let said = ''
  child.stdout.setEncoding('utf8')
  const last = () => Number(said.slice(0, said.lastIndexOf('\n')).split('\n').at(-1))
  child.stdout.on('data', (text: string) => {
    said += text
    if (last() >= enough) child.kill('SIGKILL')
  })
  expect(await closed).toEqual([null, 'SIGKILL'])
  return last()
}
