import { expect, test } from 'vitest'
import { migrate, readMigrations } from './migrate.ts'
import { openSqlite } from './sqlite.ts'

const first = { name: '0001-a.sql', text: '-- one; two;\ncreate table a (id text);\n' }
const second = {
  name: '0002-b.sql',
  text: "create table b (id text default ';');\ninsert into b (id) values ('x');",
}

test('applies what is missing, once, in order', async () => {
  const sql = openSqlite(':memory:')
  expect(await migrate(sql, [first], 1)).toEqual(['0001-a.sql'])
  expect(await migrate(sql, [first, second], 2)).toEqual(['0002-b.sql'])
  expect(await migrate(sql, [first, second], 3)).toEqual([])
  expect(await sql.query('select name, applied_at from migrations order by name')).toEqual([
    { name: '0001-a.sql', applied_at: 1 },
    { name: '0002-b.sql', applied_at: 2 },
  ])
  expect(await sql.query('select id from b')).toEqual([{ id: 'x' }])
  await sql.close()
})

test('one that fails takes back all of them and is named', async () => {
  const sql = openSqlite(':memory:')
  const broken = {
    name: '0002-b.sql',
    text: 'create table b (id text);\ncreate table a (id text);',
  }
  await expect(migrate(sql, [first, broken])).rejects.toMatchObject({
    reason: 'corrupt',
    message: expect.stringContaining('0002-b.sql'),
  })
  expect(await sql.query("select name from sqlite_schema where type = 'table'")).toEqual([])
  await sql.close()
})

test('an edited migration and one of a newer version are refused', async () => {
  const sql = openSqlite(':memory:')
  await migrate(sql, [first, second])
  await expect(migrate(sql, [first])).rejects.toMatchObject({
    reason: 'corrupt',
    message: expect.stringContaining('0002-b.sql of a newer version'),
  })
  const edited = { ...first, text: `${first.text} ` }
  await expect(migrate(sql, [edited, second])).rejects.toMatchObject({
    reason: 'corrupt',
    message: expect.stringContaining('0001-a.sql was changed'),
  })
  await sql.close()
})

test('the migrations use the three column types that both engines share', async () => {
  const migrations = await readMigrations()
  expect(migrations.map(({ name }) => name)).toContain('0001-entities.sql')
  const sql = openSqlite(':memory:')
  await migrate(sql, migrations)
  const types = await sql.query(
    "select distinct lower(c.type) as type from sqlite_schema s, pragma_table_info(s.name) c where s.type = 'table' order by 1",
  )
  expect(types.map(({ type }) => type)).toEqual(['bigint', 'integer', 'text'])
  await sql.close()
})
