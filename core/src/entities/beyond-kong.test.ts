import { expect, test } from 'vitest'
import { beyondKong } from './beyond-kong.ts'
import { readRecord } from './read-value.ts'

const properties = {
  name: { type: 'string' },
  extra: beyondKong({ type: 'integer', minimum: 1 }),
} as const

test.each([
  [{}, { name: null }],
  [{ extra: null }, { name: null }],
  [{ extra: 2 }, { name: null, extra: 2 }],
])('%j: a field that Kong does not have is there when it is set', (body, row) => {
  const faults: unknown[] = []
  const read = readRecord({}, properties, body, [], (...fault) => faults.push(fault))
  expect(read).toEqual(row)
  expect(faults).toEqual([])
})

test('what is set is checked', () => {
  const faults: unknown[] = []
  readRecord({}, properties, { extra: 0 }, [], (path) => faults.push(path))
  expect(faults).toEqual([['extra']])
})
