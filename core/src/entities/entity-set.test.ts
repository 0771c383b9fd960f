import fc from 'fast-check'
import { expect, test } from 'vitest'
import { EntitySet, deleteChange, putChange } from './entity-set.ts'
import { decodeOffset, encodeOffset } from './offset.ts'
import { planCreate } from './plan.ts'
import { SortedIds } from './sorted-ids.ts'
import { Table } from './table.ts'
import { definitions } from './definitions/index.ts'
import { testContext } from './world.fixture.ts'

function withServices(count: number) {
  const set = EntitySet.empty()
  const context = testContext()
  for (let index = 0; index < count; index++) {
    const body = { name: `s${index}`, host: 'h', tags: [index % 2 ? 'odd' : 'even', 'all'] }
    set.apply(planCreate(set, context, 'services', body).changes)
  }
  return set
}

test('pages are in ascending order of ids and meet without a gap', () => {
  const set = withServices(7)
  const first = set.list('services', { size: 3 })
  const second = set.list('services', { size: 3, after: first.after })
  const third = set.list('services', { size: 3, after: second.after })
  const names = [first, second, third].flatMap(({ rows }) => rows.map(({ name }) => name))
  expect(names).toEqual(['s0', 's1', 's2', 's3', 's4', 's5', 's6'])
  expect(third.after).toBeUndefined()
  expect(set.list('services', { size: 7 }).after).toBeUndefined()
})

test('tags filter by all or by any', () => {
  const set = withServices(4)
  const names = (match: 'all' | 'any', ...tags: string[]) =>
    set.list('services', { size: 9, tags: { tags, match } }).rows.map(({ name }) => name)
  expect(names('all', 'odd', 'all')).toEqual(['s1', 's3'])
  expect(names('all', 'odd', 'even')).toEqual([])
  expect(names('any', 'odd', 'even')).toHaveLength(4)
})

test('what is applied can be taken back', () => {
  const set = withServices(2)
  const before = set.snapshot()
  const [row] = before.rows.services
  const undo = set.apply([
    deleteChange('services', before.rows.services[1]!.id),
    putChange('services', { ...row!, tags: ['changed'] }),
    deleteChange('services', 'nobody'),
  ])
  expect(set.revision).toBe(3)
  set.apply(undo, before.revision)
  expect(set.snapshot()).toEqual(before)
  expect(set.find('services', 's1')).toEqual(before.rows.services[1])
})

test('a snapshot makes the same set', () => {
  const set = withServices(5)
  const again = EntitySet.from(set.snapshot())
  expect(again.snapshot()).toEqual(set.snapshot())
  expect(again.find('services', 's3')).toEqual(set.find('services', 's3'))
  expect(again.get('services', 'S3')).toBeUndefined()
})

test('a name is free again once its row has another', () => {
  const set = withServices(1)
  const [row] = set.list('services', { size: 1 }).rows
  set.apply([putChange('services', Object.assign({}, row!, { name: 'other' }))])
  expect(set.find('services', 's0')).toBeUndefined()
  expect(set.find('services', 'other')?.id).toBe(row!.id)
})

test('sorted ids are what a sorted set would be', () => {
  const id = fc.nat({ max: 3000 }).map(String)
  const step = fc.record({ add: fc.boolean(), ids: fc.array(id, { maxLength: 400 }) })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), id, (steps, after) => {
      const [ids, model] = [new SortedIds(), new Set<string>()]
      for (const { add, ids: batch } of steps) {
        for (const each of batch) {
          if (add) model.add(each)
          else model.delete(each)
          if (add) ids.add(each)
          else ids.delete(each)
        }
      }
      const expected = [...model].toSorted()
      expect([...ids.above()]).toEqual(expected)
      expect([...ids.above(after)]).toEqual(expected.filter((each) => each > after))
      expect(ids.size).toBe(model.size)
    }),
    { numRuns: 60 },
  )
})

test('a table without an endpoint key finds nothing by name', () => {
  expect(new Table(definitions.certificates).named('x')).toBeUndefined()
})

test('offsets are opaque and survive the way there and back', () => {
  expect(decodeOffset(encodeOffset('abc'))).toBe('abc')
  expect(() => decodeOffset('a b')).toThrow("'a b' is not a valid offset: bad base64 encoding")
  expect(() => decodeOffset('e30x')).toThrow("'e30x' is not a valid offset: bad json encoding")
  expect(() => decodeOffset('W10=')).toThrow('bad json encoding')
})
