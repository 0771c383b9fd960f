import { expect, test } from 'vitest'
import { openSqlite } from './sqlite.ts'

test('a parameter may be used twice, a statement again with other values', async () => {
  const sql = openSqlite(':memory:')
  for (const value of ['x', 'y', null]) {
    expect(await sql.query('select $1 as a, $2 as b, $1 as c', [value, 7])).toEqual([
      { a: value, b: 7, c: value },
    ])
  }
  await sql.close()
})

test('statements of others wait for an open transaction and do not join it', async () => {
  const sql = openSqlite(':memory:')
  await sql.query('create table t (id text)')
  const failing = sql.transaction(async (inside) => {
    await inside.query("insert into t (id) values ('lost')")
    await new Promise((resolve) => setImmediate(resolve))
    throw new Error('no')
  })
  const beside = sql.query("insert into t (id) values ('kept')")
  await expect(failing).rejects.toThrow('no')
  await beside
  expect(await sql.query('select id from t')).toEqual([{ id: 'kept' }])
  await sql.close()
})

test('a transaction within a transaction is the same one', async () => {
  const sql = openSqlite(':memory:')
  await sql.query('create table t (id text)')
  const failing = sql.transaction(async (inside) => {
    await inside.transaction((deeper) => deeper.query("insert into t (id) values ('lost')"))
    throw new Error('no')
  })
  await expect(failing).rejects.toThrow('no')
  expect(await sql.query('select id from t')).toEqual([])
  await sql.close()
})

test('an error in a statement stays what it is, and the connection goes on', async () => {
  const sql = openSqlite(':memory:')
  await expect(sql.query('selec 1')).rejects.toMatchObject({ code: 'ERR_SQLITE_ERROR', errcode: 1 })
  expect(await sql.query('select 1 as one')).toEqual([{ one: 1 }])
  await sql.close()
})

test('a light statement waits its turn, and leaves all others as durable as they were', async () => {
  const sql = openSqlite(':memory:')
  await sql.query('create table t (id text primary key)')
  const order: string[] = []
  const first = sql.transaction(async (inside) => {
    await inside.query("insert into t (id) values ('a')")
    await new Promise((resolve) => setImmediate(resolve))
    order.push('transaction')
  })
  const second = sql.light.query("insert into t (id) values ('a')").catch(() => order.push('light'))
  await Promise.all([first, second])
  expect(order).toEqual(['transaction', 'light'])
  expect(await sql.light.query('pragma synchronous')).toEqual([{ synchronous: 1 }])
  expect(await sql.query('pragma synchronous')).toEqual([{ synchronous: 2 }])
  await sql.close()
})
