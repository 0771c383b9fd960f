import { expect, test } from 'vitest'
import { SniNames } from './sni-names.ts'

const row = (id: string, name: string) => ({
  id,
  name,
  certificate: { id: `certificate of ${name}` },
  created_at: 0,
  updated_at: 0,
  tags: null,
})

function names(...of: string[]): SniNames {
  const table = new SniNames()
  for (const name of of) table.put(row(name, name))
  return table
}

test.each([
  ['a.b.c', 'a.b.c', 'the name itself'],
  ['A.B.C.', 'a.b.c', 'case and a final dot do not matter'],
  ['x.b.c', '*.b.c', 'one label to the left'],
  ['x.y.b.c', '*', 'but not two'],
  ['b.c', 'b.*', 'a wildcard to the left does not cover its own rest'],
  ['b.d', 'b.*', 'the last label'],
  ['b.d.e', '*', 'but not the last two'],
  ['x.c', '*', '`*.c` is not looked up for two labels'],
  ['c', '*', 'one label'],
  ['q.both.z', '*.both.z', 'the left wildcard before the right one'],
])('%s is served by %s: %s', (name, expected) => {
  const table = names('a.b.c', '*.b.c', '*.c', 'b.*', '*.both.z', 'q.both.*', '*')
  expect(table.find(name)).toBe(`certificate of ${expected}`)
})

test('without `*` an unknown name has none', () => {
  expect(names('a.b.c').find('d.e.f')).toBeUndefined()
})

test('a row that is renamed or deleted leaves its old name', () => {
  const table = names()
  table.put(row('1', 'old.example'))
  table.put(row('1', 'new.example'))
  expect(table.find('old.example')).toBeUndefined()
  expect(table.find('new.example')).toBe('certificate of new.example')
  table.delete('1')
  expect(table.find('new.example')).toBeUndefined()
})

test('two rows can exchange their names', () => {
  const table = names()
  table.put(row('1', 'a.example'))
  table.put(row('2', 'b.example'))
  table.put(row('1', 'b.example'))
  table.put(row('2', 'a.example'))
  expect(table.find('a.example')).toBeDefined()
  expect(table.find('b.example')).toBeDefined()
  table.delete('1')
  expect(table.find('b.example')).toBeUndefined()
  expect(table.find('a.example')).toBeDefined()
})
