import { expect, test } from 'vitest'
import { histogramValues, wordMetrics, type ShownMetric } from './exposition.ts'

const counter: ShownMetric = {
  name: 'a_total',
  help: 'Counts\nlines',
  type: 'counter',
  aggregator: 'sum',
  values: [{ labels: { x: 'a "b" \\ \n' }, value: 3 }],
}

const histogram: ShownMetric = {
  name: 'h_ms',
  help: 'Times',
  type: 'histogram',
  aggregator: 'sum',
  values: histogramValues('h_ms', { x: '1' }, { bounds: [0.5, 10], counts: [1, 2, 1], sum: 42.5 }),
}

test('in the format of Prometheus', async () => {
  const { type, text } = await wordMetrics([counter, histogram], false)
  expect(type).toBe('text/plain; version=0.0.4; charset=utf-8')
  expect(text.split('\n').filter((line) => line !== '')).toEqual([
    '# HELP a_total Counts\\nlines',
    '# TYPE a_total counter',
    'a_total{x="a \\"b\\" \\\\ \\n"} 3',
    '# HELP h_ms Times',
    '# TYPE h_ms histogram',
    'h_ms_bucket{x="1",le="0.5"} 1',
    'h_ms_bucket{x="1",le="10"} 3',
    'h_ms_bucket{x="1",le="+Inf"} 4',
    'h_ms_sum{x="1"} 42.5',
    'h_ms_count{x="1"} 4',
  ])
})

test('in the format of OpenMetrics names stay what they are', async () => {
  const bytes = { ...counter, name: 'a_bytes', values: [{ labels: {}, value: 1 }] }
  const { type, text } = await wordMetrics([counter, bytes], true)
  expect(type).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8')
  expect(text.split('\n')).toEqual([
    '# HELP a Counts\\nlines',
    '# TYPE a counter',
    'a_total{x="a \\"b\\" \\\\ \\n"} 3',
    '# HELP a_bytes Counts\\nlines',
    '# TYPE a_bytes unknown',
    'a_bytes 1',
    '# EOF',
    '',
  ])
})

test.each([
  ['sum', 7],
  ['max', 4],
  ['min', 3],
] as const)('what several say comes to their %s', async (aggregator, value) => {
  const values = [3, 4].map((said) => ({ labels: { x: '1' }, value: said }))
  const gauge: ShownMetric = { name: 'g', help: 'h', type: 'gauge', aggregator, values }
  const { text } = await wordMetrics([gauge], false)
  expect(text).toContain(`g{x="1"} ${value}\n`)
})
