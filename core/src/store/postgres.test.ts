import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ask, makeDatabase, noPostgres } from './postgres.fixture.ts'
import type { PostgresOptions } from './postgres-options.ts'
import { openPostgres } from './postgres.ts'
import type { Database } from './sql.ts'

describe.skipIf(noPostgres)('a PostgreSQL server', () => {
  let options: PostgresOptions
  let sql: Database
  beforeEach(async () => {
    options = await makeDatabase()
    sql = openPostgres(options)
  })
  afterEach(() => sql.close())

  test('a parameter may be used twice, a bigint is a number', async () => {
    for (const value of ['x', 'y', null]) {
      const rows = await sql.query('select $1::text as a, $2::bigint as b, $1::text as c', [
        value,
        2 ** 40,
      ])
      expect(rows).toEqual([{ a: value, b: 2 ** 40, c: value }])
    }
  })

  test('what is not committed was never there, and the connection goes on', async () => {
    await sql.query('create table t (id text primary key)')
    const failing = sql.transaction(async (inside) => {
      await inside.transaction((deeper) => deeper.query("insert into t (id) values ('lost')"))
      throw new Error('no')
    })
    await expect(failing).rejects.toThrow('no')
    await sql.transaction((inside) => inside.query("insert into t (id) values ('kept')"))
    expect(await sql.query('select id from t')).toEqual([{ id: 'kept' }])
    await expect(sql.query("insert into t (id) values ('kept')")).rejects.toMatchObject({
      code: '23505',
    })
    expect(await ask(options.port, options.database, 'select count(*) as n from t')).toEqual([
      { n: '1' },
    ])
  })
})
