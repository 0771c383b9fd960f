import type { Log } from '@kong-ts/pdk'
import { defineMetric, type SeriesNews } from '@kong-ts/pdk/host'
import { expect, test } from 'vitest'
import { Tally } from './tally.ts'
import { wordMetrics } from './exposition.ts'

const labels = ['x']
const counter = defineMetric('counter', { name: 'c_total', help: 'h', labels })
const gauge = defineMetric('gauge', { name: 'g', help: 'h', labels })
const histogram = defineMetric('histogram', { name: 'h', help: 'h', labels, buckets: [1, 10] })

function tallyOf(limit?: number) {
  const logged: unknown[] = []
  const silent = () => undefined
  const log: Log = {
    debug: silent,
    info: (fields, message) => void logged.push([message, fields]),
    warn: (fields, message) => void logged.push([message, fields]),
    error: silent,
  }
  const tally = new Tally(log, limit)
  const lines = async () => {
    const { text } = await wordMetrics(tally.shown(), false)
    return text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  }
  return { tally, logged, lines }
}

function news(name: string, ...series: SeriesNews[]) {
  return [{ name, series, dropped: 0 }]
}

const [one, two] = [{ worker: 1 }, { worker: 2 }]

test('workers count together, and what a dead one has counted stays', async () => {
  const { tally, lines } = tallyOf()
  for (const worker of [one, two]) {
    tally.declare(worker, counter)
    tally.declare(worker, histogram)
    tally.count(worker, news('c_total', { values: ['a'], value: 2 }))
    tally.count(worker, news('h', { values: ['a'], value: 3.5, counts: [1, 2, 0] }))
  }
  tally.leave(one)
  tally.count(two, news('c_total', { values: ['b'], value: 1 }))
  expect(await lines()).toEqual([
    'c_total{x="a"} 4',
    'c_total{x="b"} 1',
    'h_bucket{x="a",le="1"} 2',
    'h_bucket{x="a",le="10"} 6',
    'h_bucket{x="a",le="+Inf"} 6',
    'h_sum{x="a"} 7',
    'h_count{x="a"} 6',
  ])
})

test('what a gauge says ends with the worker that says it', async () => {
  const { tally, lines } = tallyOf()
  for (const [worker, value] of [
    [one, 2],
    [two, 5],
  ] as const) {
    tally.declare(worker, gauge)
    tally.count(worker, news('g', { values: ['a'], value }))
  }
  tally.count(two, news('g', { values: ['b'], value: 1 }))
  expect(await lines()).toEqual(['g{x="a"} 7', 'g{x="b"} 1'])
  tally.count(one, news('g', { values: ['a'], value: 3 }))
  tally.leave(two)
  expect(await lines()).toEqual(['g{x="a"} 3'])
})

test('a metric is there as long as a worker declares it, and goes on where it was', async () => {
  const { tally, lines } = tallyOf()
  tally.declare(one, counter)
  tally.count(one, news('c_total', { values: ['a'], value: 2 }))
  tally.retire(one, 'c_total')
  expect(await lines()).toEqual([])
  tally.declare(two, counter)
  tally.count(two, news('c_total', { values: ['a'], value: 1 }))
  expect(await lines()).toEqual(['c_total{x="a"} 3'])
})

test('a name that means something else begins anew, whatever a worker that drains still counts', async () => {
  const { tally, lines, logged } = tallyOf()
  tally.declare(one, counter)
  tally.count(one, news('c_total', { values: ['a'], value: 2 }))
  tally.declare(two, defineMetric('counter', { name: 'c_total', help: 'h', labels: ['y', 'z'] }))
  tally.count(one, news('c_total', { values: ['a'], value: 2 }))
  tally.count(two, news('c_total', { values: ['1', '2'], value: 1 }))
  expect(await lines()).toEqual(['c_total{y="1",z="2"} 1'])
  expect(logged).toEqual([['a metric is declared anew: it begins at 0', { metric: 'c_total' }]])
})

test('beyond its series a metric counts how often that was, and says so once', async () => {
  const { tally, lines, logged } = tallyOf(2)
  tally.declare(one, counter)
  const series = ['a', 'b', 'c', 'd', 'a'].map((value) => ({ values: [value], value: 1 }))
  tally.count(one, [{ name: 'c_total', series, dropped: 5 }])
  expect(await lines()).toEqual(['c_total{x="a"} 2', 'c_total{x="b"} 1'])
  expect([...tally.dropped]).toEqual([['c_total', 7]])
  const text = 'a metric has too many series: further ones are not counted'
  expect(logged).toEqual([[text, { metric: 'c_total', limit: 2 }]])
})

test('figures are shown while some worker asks for them', () => {
  const { tally } = tallyOf()
  expect(tally.isShown('upstream_health')).toBe(false)
  tally.show(one, 'upstream_health', true)
  tally.show(two, 'upstream_health', true)
  tally.show(one, 'upstream_health', false)
  expect(tally.isShown('upstream_health')).toBe(true)
  tally.leave(two)
  expect(tally.isShown('upstream_health')).toBe(false)
})

test('nobody is heard who has declared nothing', async () => {
  const { tally, lines } = tallyOf()
  tally.declare(one, counter)
  tally.count(two, news('c_total', { values: ['a'], value: 2 }))
  tally.count(two, news('other', { values: ['a'], value: 2 }))
  tally.retire(two, 'other')
  expect(await lines()).toEqual([])
})
