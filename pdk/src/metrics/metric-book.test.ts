import { expect, test } from 'vitest'
import { MetricBook } from './metric-book.ts'

function bookOf(...reserved: string[]) {
  const heard: string[] = []
  const book = new MetricBook(
    {
      declared: ({ name }) => void heard.push(name),
      retired: (name) => void heard.push(`-${name}`),
      shown: (group, isShown) => void heard.push(`${isShown ? '' : '-'}${group}`),
    },
    new Set(reserved),
  )
  const open = () => {
    const life = new AbortController()
    return { metrics: book.open(life.signal), end: () => life.abort() }
  }
  return { book, heard, open }
}

const options = { name: 'a_total', help: 'Counts', labels: ['x'] } as const

test('instances that declare the same share it, and it goes with the last of them', () => {
  const { book, heard, open } = bookOf()
  const [one, two] = [open(), open()]
  one.metrics.counter(options).inc({ x: '1' })
  one.metrics.counter(options).inc({ x: '1' })
  two.metrics.counter(options).inc({ x: '1' }, 3)
  expect(book.take()).toMatchObject([{ name: 'a_total', series: [{ value: 5 }] }])
  expect(heard).toEqual(['a_total'])
  one.end()
  expect(book.names()).toEqual(['a_total'])
  two.end()
  expect(book.names()).toEqual([])
  expect(heard).toEqual(['a_total', '-a_total'])
})

test('a successor may be there before its predecessor goes', () => {
  const { heard, open } = bookOf()
  const before = open()
  before.metrics.counter(options)
  const after = open()
  after.metrics.counter(options)
  before.end()
  expect(heard).toEqual(['a_total'])
})

test('one name means one thing', () => {
  const { open } = bookOf('kong_own', 'b_count')
  const { metrics, end } = open()
  metrics.counter(options)
  expect(() => open().metrics.gauge({ ...options, labels: ['x'] })).toThrow(
    "metric 'a_total': it is declared already as a counter with the labels x, the help 'Counts'; " +
      "it cannot be a gauge with the labels x, over sum, the help 'Counts', too",
  )
  expect(() => open().metrics.counter({ ...options, labels: ['x', 'y'] })).toThrow(TypeError)
  expect(() => metrics.counter({ ...options, name: 'kong_own' })).toThrow(
    "metric 'kong_own': the gateway itself has a metric 'kong_own'",
  )
  expect(() => metrics.histogram({ ...options, name: 'b' })).toThrow(
    "metric 'b': the gateway itself has a metric 'b_count'",
  )
  metrics.histogram({ ...options, name: 'c' })
  expect(() => metrics.counter({ ...options, name: 'c_sum' })).toThrow(
    "metric 'c_sum': 'c_sum' belongs to the metric 'c' already",
  )
  end()
  // What nobody declares any more may mean something else.
  open().metrics.gauge({ name: 'a_total', help: 'Other' })
  open().metrics.counter({ ...options, name: 'c_sum' })
})

test('values are numbers', () => {
  const { metrics } = bookOf().open()
  const counter = metrics.counter({ name: 'a', help: 'h' })
  expect(() => counter.inc({}, -1)).toThrow("metric 'a' takes numbers of 0 and more, not -1")
  expect(() => counter.inc({}, NaN)).toThrow(RangeError)
  const gauge = metrics.gauge({ name: 'b', help: 'h' })
  expect(() => gauge.set({}, '1' as unknown as number)).toThrow("metric 'b' takes finite numbers")
  expect(() => gauge.inc({}, Infinity)).toThrow(RangeError)
  const histogram = metrics.histogram({ name: 'c', help: 'h' })
  expect(() => histogram.observe({}, NaN)).toThrow("metric 'c' takes finite numbers, not NaN")
})

test('figures are shown as long as somebody asks for them', () => {
  const { heard, open } = bookOf()
  const [one, two] = [open(), open()]
  one.metrics.show('upstream_health')
  one.metrics.show('upstream_health')
  two.metrics.show('upstream_health')
  one.end()
  expect(heard).toEqual(['upstream_health'])
  two.end()
  expect(heard).toEqual(['upstream_health', '-upstream_health'])
})

test('an instance that is gone counts for nobody', () => {
  const { book, heard, open } = bookOf()
  const { metrics, end } = open()
  end()
  metrics.counter(options).inc({ x: '1' })
  metrics.show('upstream_health')
  expect([book.names(), heard]).toEqual([[], []])
})
