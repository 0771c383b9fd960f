import { mkdtemp, open, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openStore } from './open-store.ts'
import { StoreError } from './store.ts'
import { migrate, readMigrations } from './migrate.ts'
import { openSqlite } from './sqlite.ts'
import { consumer, delta, plugin, put, route, service } from './store-rows.ts'

let prefix: string
let file: string
beforeEach(async () => {
  prefix = await mkdtemp(join(tmpdir(), 'store-'))
  file = join(prefix, 'kong.db')
})
afterEach(() => rm(prefix, { recursive: true }))

const openHere = () => openStore({ kind: 'embedded', prefix })

/** Changes the file behind the store's back. */
function tamper(text: string): void {
  const db = new DatabaseSync(file)
  db.exec(text)
  db.close()
}

async function failureOf(attempt: Promise<unknown>): Promise<StoreError> {
  const error = await attempt.then(
    () => new Error('it succeeded'),
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(StoreError)
  return error as StoreError
}

test('the file and its side files are for their owner alone, also when they were not', async () => {
  await writeFile(file, '', { mode: 0o644 })
  const store = await openHere()
  await store.commit(delta(0, put('services', service('s1'))))
  for (const name of [file, `${file}-wal`, `${file}-shm`]) {
    expect([name, (await stat(name)).mode & 0o777]).toEqual([name, 0o600])
  }
  await store.close()
})

test('a store of the first version keeps its rows, plugins too', async () => {
  const [first] = await readMigrations()
  const old = openSqlite(file)
  await migrate(old, first ? [first] : [])
  await old.query(
    'insert into plugins (id, created_at, updated_at, name, body) values ($1, 1, 2, $2, $3)',
    [
      'p1',
      'example',
      '{"tags":null,"consumer":null,"config":{},"protocols":["tcp"],"enabled":true}',
    ],
  )
  await old.close()
  const store = await openHere()
  const { rows } = await store.load()
  expect(rows.plugins).toMatchObject([{ id: 'p1', consumer: null, route: null, enabled: true }])
  const consumed = { ...plugin('p1', null, null), consumer: { id: 'o1' } }
  await store.commit(delta(0, put('plugins', consumed), put('consumers', consumer('o1'))))
  expect((await store.load()).rows.plugins).toEqual([consumed])
  await store.close()
})

test('a prefix that is no folder is unavailable', async () => {
  await writeFile(join(prefix, 'plain'), '')
  const failure = await failureOf(
    openStore({ kind: 'embedded', prefix: join(prefix, 'plain', 'below') }),
  )
  expect(failure.reason).toBe('unavailable')
  expect(failure.message).toContain('plain')
})

describe('what is damaged', () => {
  beforeEach(async () => {
    const store = await openHere()
    await store.commit(delta(0, put('services', service('s1')), put('routes', route('r1', 's1'))))
    await store.close()
  })

  test.each([
    [`update services set body = '{"half'`, 'services s1', 'not valid JSON'],
    [`update services set body = '[]'`, 'services s1', 'not a JSON object'],
    [`update services set body = x'00ff'`, 'services s1', 'not a JSON object'],
    [`update routes set created_at = 'yesterday'`, 'routes r1', 'created_at'],
    [`update routes set name = x'00'`, 'routes r1', 'name'],
  ])('%s', async (text, row, why) => {
    tamper(text)
    const store = await openHere()
    const failure = await failureOf(store.load())
    expect(failure.reason).toBe('corrupt')
    expect(failure.message).toContain(row)
    expect(failure.message).toContain(why)
    await store.close()
  })

  test.each([
    ['delete from revision', 'revision'],
    ['drop table revision', 'revision'],
    ['delete from migrations', '0001-entities.sql'],
    [`update migrations set checksum = 'x'`, '0001-entities.sql was changed'],
    [`insert into migrations values ('9999-later.sql', 'x', 1)`, '9999-later.sql'],
  ])('%s is refused at opening', async (text, what) => {
    tamper(text)
    const failure = await failureOf(openHere())
    expect(failure.reason).toBe('corrupt')
    expect(failure.message).toContain(what)
    expect(failure.message).toContain(file)
  })

  test('a table that is gone is named', async () => {
    tamper('drop table plugins')
    const store = await openHere()
    const failure = await failureOf(store.load())
    expect([failure.reason, failure.message]).toEqual(['corrupt', expect.stringMatching('plugins')])
    await store.close()
  })

  test('a file that is no database', async () => {
    await writeFile(file, 'services: []\n'.repeat(1000))
    const failure = await failureOf(openHere())
    expect(failure.reason).toBe('corrupt')
    expect(failure.message).toContain(file)
    expect(await readFile(file, 'utf8')).toContain('services')
  })

  test('a file whose pages were overwritten', async () => {
    const { size } = await stat(file)
    const handle = await open(file, 'r+')
    await handle.write(Buffer.alloc(size - 4096, 0xa5), 0, size - 4096, 4096)
    await handle.close()
    const failure = await failureOf(openHere().then((store) => store.load()))
    expect(failure.reason).toBe('corrupt')
  })
})

test('a file that was removed or replaced under it is not there for a check', async () => {
  const store = await openHere()
  await expect(store.check()).resolves.toBeUndefined()
  await rm(file)
  expect(await failureOf(store.check())).toMatchObject({ reason: 'unavailable' })
  await writeFile(file, '')
  expect((await failureOf(store.check())).message).toContain('is not the file that was opened')
  await store.close()
})

test('a store whose tables are gone is not well', async () => {
  const store = await openHere()
  tamper('drop table revision')
  expect(await failureOf(store.check())).toMatchObject({ reason: 'corrupt' })
  await store.close()
})
