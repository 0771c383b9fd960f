import { expect, test } from 'vitest'
import { defineMetric, isSameMetric, shownNames, wordMetric } from './metric-definition.ts'

const options = { name: 'a_total', help: 'Counts' }

test('a definition is complete', () => {
  expect(defineMetric('counter', options)).toEqual({
    kind: 'counter',
    name: 'a_total',
    help: 'Counts',
    labels: [],
    buckets: [],
    over: 'sum',
  })
  expect(defineMetric('histogram', { ...options, buckets: [1, 2] }).buckets).toEqual([1, 2])
  expect(defineMetric('histogram', options).buckets.at(-1)).toBe(10_000)
  expect(defineMetric('gauge', { ...options, over: 'max' }).over).toBe('max')
  expect(defineMetric('counter', { ...options, over: 'max', buckets: [1] })).toMatchObject({
    over: 'sum',
    buckets: [],
  })
})

test.each([
  [{ name: '1a' }, "metric '1a': a name has letters, digits, _ and :"],
  [{ name: 'a-b' }, "metric 'a-b': a name"],
  [{ name: undefined }, "metric 'undefined': a name"],
  [{ help: ' ' }, 'it needs a help text'],
  [{ labels: ['a-b'] }, 'a label has letters, digits and _'],
  [{ labels: ['__a'] }, 'neither with a digit nor with __'],
  [{ labels: ['a', 'a'] }, 'a label is there twice'],
  [{ labels: ['le'] }, "a histogram has a label 'le' of its own"],
  [{ buckets: [] }, 'a histogram needs at least one bucket'],
  [{ buckets: [1, 1] }, 'buckets are numbers, each above the one before'],
  [{ buckets: [1, Infinity] }, 'buckets are numbers'],
])('%j is refused', (wrong, message) => {
  const all = { ...options, ...wrong } as typeof options
  expect(() => defineMetric('histogram', all)).toThrow(message)
  expect(() => defineMetric('histogram', all)).toThrow(TypeError)
})

test('a gauge comes to something over the workers', () => {
  const wrong = { ...options, over: 'mean' as 'max' }
  expect(() => defineMetric('gauge', wrong)).toThrow('over is sum, max or min')
})

test('the same is the same, whatever else stands there', () => {
  const one = defineMetric('counter', { ...options, labels: ['x', 'y'] })
  expect(isSameMetric(one, defineMetric('counter', { ...options, labels: ['x', 'y'] }))).toBe(true)
  for (const other of [
    defineMetric('counter', { ...options, labels: ['y', 'x'] }),
    defineMetric('counter', { ...options, labels: ['x', 'y'], help: 'Other' }),
    defineMetric('gauge', { ...options, labels: ['x', 'y'] }),
  ]) {
    expect(isSameMetric(one, other)).toBe(false)
  }
})

test('what it is, in words and in names', () => {
  const histogram = defineMetric('histogram', { ...options, labels: ['x'], buckets: [1, 2] })
  expect(wordMetric(histogram)).toBe(
    "a histogram with the labels x, the buckets 1, 2, the help 'Counts'",
  )
  expect(wordMetric(defineMetric('gauge', options))).toBe(
    "a gauge with no labels, over sum, the help 'Counts'",
  )
  expect(shownNames(histogram)).toEqual([
    'a_total',
    'a_total_bucket',
    'a_total_sum',
    'a_total_count',
  ])
  expect(shownNames(defineMetric('counter', options))).toEqual(['a_total'])
})
