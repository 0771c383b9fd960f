import { expect, test } from 'vitest'
import { Conduct, termsOf } from './conduct.ts'
import type { PluginRow } from '../entities/rows.ts'

const row: PluginRow = {
  id: 'i',
  created_at: 1,
  updated_at: 1,
  tags: null,
  name: 'p',
  instance_name: null,
  service: null,
  route: null,
  consumer: null,
  config: {},
  protocols: ['tcp'],
  enabled: true,
}

test('without a word a plugin is enforced, its failures close, and the node bounds its time', () => {
  expect(termsOf(row)).toEqual({ isShadow: false, onError: 'close', timeout: undefined })
  const terms = termsOf({ ...row, mode: 'shadow', on_error: 'open', timeout_ms: 5 })
  expect(terms).toEqual({ isShadow: true, onError: 'open', timeout: 5 })
})

test('times are counted by phase and by how long they took', () => {
  const conduct = new Conduct()
  for (const time of [0, 0.01, 0.05, 50, 20_000]) conduct.took('preread', time)
  conduct.took('log', 1)
  conduct.stalled(150)
  conduct.stalled(120)
  expect(conduct.stats).toEqual({
    phases: {
      preread: { calls: 5, time: 20_050.06, buckets: [2, 1, 0, 0, 1, 0, 0, 1] },
      log: { calls: 1, time: 1, buckets: [0, 0, 1, 0, 0, 0, 0, 0] },
    },
    rejected: 0,
    wouldReject: 0,
    failed: 0,
    stalls: 2,
    longestStall: 150,
  })
})

test('news is what came to pass since it was last asked for, and is announced once', () => {
  let announced = 0
  const conduct = new Conduct(() => (announced += 1))
  conduct.took('preread', 0.05)
  conduct.took('log', 1)
  conduct.failed += 1
  conduct.stalled(150)
  expect(announced).toBe(1)
  const quiet = { rejected: 0, wouldReject: 0, failed: 0, stalls: 0, longestStall: 150 }
  expect(conduct.news()).toEqual({ ...conduct.stats })
  expect(conduct.news()).toEqual({ ...quiet, phases: {} })
  conduct.took('preread', 5)
  conduct.took('preread', 7)
  conduct.rejected += 2
  expect(announced).toBe(2)
  const preread = { calls: 2, time: expect.closeTo(12), buckets: [0, 0, 0, 2, 0, 0, 0, 0] }
  expect(conduct.news()).toEqual({ ...quiet, rejected: 2, phases: { preread } })
  expect(conduct.stats.phases.preread?.calls).toBe(3)
})

test('terms that are followed are announced, for they may lift what a failure has done', () => {
  let announced = 0
  const conduct = new Conduct(() => (announced += 1))
  conduct.isDisabled = true
  conduct.follow(termsOf(row))
  expect([announced, conduct.isDisabled]).toEqual([1, false])
})
