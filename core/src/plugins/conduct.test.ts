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
