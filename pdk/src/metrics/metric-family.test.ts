import { expect, test } from 'vitest'
import { defineMetric } from './metric-definition.ts'
import { MetricFamily } from './metric-family.ts'

function familyOf(kind: 'counter' | 'gauge' | 'histogram', labels: string[] = [], limit?: number) {
  const buckets = kind === 'histogram' ? { buckets: [1, 10] } : {}
  return new MetricFamily(defineMetric(kind, { name: 'm', help: 'h', labels, ...buckets }), limit)
}

test('what was taken is not told again, and what has not changed is not told at all', () => {
  const family = familyOf('counter', ['a', 'b'])
  expect(family.take()).toBeUndefined()
  family.add({ a: '1', b: '2' }, 2)
  family.add({ a: '1', b: '2' }, 3)
  family.add({ a: '1', b: '3' }, 1)
  expect(family.take()).toEqual({
    name: 'm',
    series: [
      { values: ['1', '2'], value: 5 },
      { values: ['1', '3'], value: 1 },
    ],
    dropped: 0,
  })
  expect(family.take()).toBeUndefined()
  family.add({ a: '1', b: '3' }, 7)
  expect(family.take()?.series).toEqual([{ values: ['1', '3'], value: 7 }])
})

test('a gauge tells what it is, not what has changed', () => {
  const family = familyOf('gauge')
  family.set({}, 5)
  family.add({}, -2)
  expect(family.take()?.series).toEqual([{ values: [], value: 3 }])
  family.add({}, 1)
  expect(family.take()?.series).toEqual([{ values: [], value: 4 }])
  expect(family.read().series).toEqual([{ values: [], value: 4 }])
})

test('what is observed falls into the first bucket that holds it', () => {
  const family = familyOf('histogram', ['a'])
  for (const value of [0, 1, 1.5, 10, 11]) family.observe({ a: 'x' }, value)
  expect(family.take()?.series).toEqual([{ values: ['x'], value: 23.5, counts: [2, 2, 1] }])
  family.observe({ a: 'x' }, 2)
  expect(family.take()?.series).toEqual([{ values: ['x'], value: 2, counts: [0, 1, 0] }])
})

test('numbers are texts, what is left out is empty, and no two labels run together', () => {
  const family = familyOf('counter', ['a', 'b'])
  family.add({ a: 200, b: '' }, 1)
  family.add({ a: '200', b: '' }, 1)
  family.add({ a: '200' }, 1)
  family.add({ a: '20', b: '0' }, 1)
  family.add({ a: '', b: '200' }, 1)
  expect(family.take()?.series).toEqual([
    { values: ['200', ''], value: 3 },
    { values: ['20', '0'], value: 1 },
    { values: ['', '200'], value: 1 },
  ])
})

test('a label that was not declared is refused', () => {
  const family = familyOf('counter', ['a'])
  expect(() => family.add({ a: '1', z: '2' }, 1)).toThrow("metric 'm' has no label 'z'")
})

test('beyond its series nothing is counted but how often that was', () => {
  const family = familyOf('counter', ['a'], 2)
  for (const a of ['1', '2', '3', '1', '4', '3']) family.add({ a }, 1)
  expect(family.take()).toEqual({
    name: 'm',
    series: [
      { values: ['1'], value: 2 },
      { values: ['2'], value: 1 },
    ],
    dropped: 3,
  })
  family.add({ a: '5' }, 1)
  expect(family.take()).toEqual({ name: 'm', series: [], dropped: 1 })
})
