import { expect, test } from 'vitest'
import { PatternMap } from './pattern-map.ts'

test('keeps the best shape first and forgets a shape with its last value', () => {
  const map = new PatternMap<{ order: number }, string>()
  const [far, near] = [{ order: 9 }, { order: 1 }]
  map.set({ shape: far, key: 'a' }, 'one')
  map.set({ shape: near, key: 'a' }, 'two')
  map.set({ shape: near, key: 7 }, 'three')
  expect(map.tables.map(({ shape }) => shape.order)).toEqual([1, 9])
  expect(map.get({ shape: { order: 1 }, key: 7 })).toBe('three')
  expect(map.get({ shape: far, key: 7 })).toBeUndefined()
  map.delete({ shape: near, key: 7 })
  map.delete({ shape: near, key: 'unknown' })
  map.delete({ shape: near, key: 'a' })
  expect(map.tables.map(({ shape }) => shape.order)).toEqual([9])
  map.delete({ shape: far, key: 'a' })
  map.delete({ shape: far, key: 'a' })
  expect(map.empty).toBe(true)
})
