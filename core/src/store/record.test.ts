import { expect, test } from 'vitest'
import { decode, encode } from './record.ts'
import { plugin, route, service as serviceRow } from './store-rows.ts'
import { tables } from './tables.ts'
import type { Table } from './tables.ts'

function table(name: string): Table {
  const found = tables.find((one) => one.name === name)
  if (!found) throw new Error(`there is no table ${name}`)
  return found
}

test('keys, references and times are columns, everything else is the body', () => {
  const [id, created, updated, name, service, body, ...rest] = encode(
    table('routes'),
    route('r1', 's1'),
  )
  expect([id, created, updated, name, service, rest]).toEqual(['r1', 1, 2, 'name-r1', 's1', []])
  const parsed: unknown = JSON.parse(String(body))
  expect(parsed).toMatchObject({ preserve_host: false, snis: ['*.left.test', 'right.*'] })
  expect(parsed).not.toHaveProperty('service')
})

test('a record decodes to the row it was made from', () => {
  const plugins = table('plugins')
  const row = plugin('p1', null, 'r1')
  const names = [...plugins.columns.map(({ column }) => column), 'body']
  const values = encode(plugins, row)
  const record = Object.fromEntries(names.map((name, i) => [name, values[i]]))
  expect(decode(plugins, record)).toEqual(row)
  const { route_id: _, ...lacking } = record
  expect(() => decode(plugins, lacking)).toThrow(/plugins p1 .*route_id/)
})

test.each([
  [{ port: undefined }, 'port is missing'],
  [{ port: '80' }, 'port is no number'],
  [{ port: 70_000 }, 'port is out of range'],
  [{ protocol: 'carrier pigeon' }, 'protocol is none of its choices'],
  [{ tags: 'blue' }, 'tags is no list'],
])('a row that was edited into %o is named', (edit, why) => {
  const services = table('services')
  const row = serviceRow('s1')
  const names = [...services.columns.map(({ column }) => column), 'body']
  const record = Object.fromEntries(names.map((name, i) => [name, encode(services, row)[i]]))
  const { body, ...columns } = record
  const edited = JSON.stringify({ ...JSON.parse(String(body)), ...edit })
  expect(() => decode(services, { ...columns, body: edited })).toThrow(
    `the stored row services s1 is damaged: ${why}`,
  )
})

test('a field that lacks its value is not stored', () => {
  const { name: _, ...nameless } = route('r1', null)
  expect(() => encode(table('routes'), nameless)).toThrow(/name/)
})
