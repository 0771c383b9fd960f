import { expect, test } from 'vitest'
import { EntryCounts } from './entry-counts.ts'
import { MountedMetrics } from '../testing/mounted-metrics.ts'

function open() {
  const metrics = new MountedMetrics()
  const kit = { id: '1', metrics: metrics.open(new AbortController().signal) }
  const whose = { plugin: 'a-log', id: '1' }
  const counts = new EntryCounts('a-log', kit)
  const read = () => ({
    waiting: metrics.value('kong_log_waiting_entries', whose),
    sent: metrics.value('kong_log_sent_entries_total', whose),
    failed: metrics.value('kong_log_failed_deliveries_total', whose),
    full: metrics.value('kong_log_dropped_entries_total', { ...whose, reason: 'queue_full' }),
    refused: metrics.value('kong_log_dropped_entries_total', { ...whose, reason: 'refused' }),
  })
  return { counts, read, metrics }
}

test('an entry waits until it was sent or given up', () => {
  const { counts, read } = open()
  for (let count = 0; count < 5; count++) counts.came()
  expect(read()).toEqual({ waiting: 5, sent: 0, failed: 0, full: 0, refused: 0 })
  counts.failed()
  counts.givenUp(2, 'queue_full')
  counts.delivered(3, 0)
  expect(read()).toEqual({ waiting: 0, sent: 3, failed: 1, full: 2, refused: 0 })
})

test('what turns out to be lost after it was sent is not counted twice', () => {
  const { counts, read } = open()
  for (let count = 0; count < 3; count++) counts.came()
  counts.delivered(1, 0)
  // The refusal of the first, and then its own.
  counts.dropped(2, 'refused')
  counts.delivered(1, 2)
  counts.delivered(1, 0)
  expect(read()).toMatchObject({ waiting: 0, sent: 1, refused: 2 })
})

test('what has not happened yet is there, as 0', () => {
  const { metrics } = open()
  const whose = { plugin: 'a-log', id: '1' }
  expect(metrics.series('kong_log_sent_entries_total')).toEqual([whose])
  expect(metrics.series('kong_log_failed_deliveries_total')).toEqual([whose])
  expect(metrics.series('kong_log_waiting_entries')).toEqual([whose])
  expect(metrics.series('kong_log_dropped_entries_total')).toEqual([
    { ...whose, reason: 'queue_full' },
  ])
})
