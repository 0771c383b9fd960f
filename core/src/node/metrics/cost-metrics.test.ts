import { expect, test } from 'vitest'
import { costMetrics } from './cost-metrics.ts'
import { wordMetrics } from './exposition.ts'

const cost = {
  id: 'i',
  plugin: 'p',
  phases: { log: { calls: 2, time: 5.5, buckets: [0, 1, 0, 1, 0, 0, 0, 0] } },
  rejected: 1,
  wouldReject: 2,
  failed: 3,
  stalls: 4,
  longestStall: 500,
  isDisabled: true,
}

test('what a plugin costs and did', async () => {
  const { text } = await wordMetrics(
    costMetrics([cost], () => expect.unreachable()),
    false,
  )
  const of = '{plugin="p",id="i"'
  for (const line of [
    `kong_plugin_phase_duration_ms_bucket${of},phase="log",le="0.01"} 0`,
    `kong_plugin_phase_duration_ms_bucket${of},phase="log",le="0.1"} 1`,
    `kong_plugin_phase_duration_ms_bucket${of},phase="log",le="10"} 2`,
    `kong_plugin_phase_duration_ms_bucket${of},phase="log",le="+Inf"} 2`,
    `kong_plugin_phase_duration_ms_sum${of},phase="log"} 5.5`,
    `kong_plugin_phase_duration_ms_count${of},phase="log"} 2`,
    `kong_plugin_rejected_total${of}} 1`,
    `kong_plugin_would_reject_total${of}} 2`,
    `kong_plugin_failed_total${of}} 3`,
    `kong_plugin_stalls_total${of}} 4`,
    `kong_plugin_longest_stall_ms${of}} 500`,
    `kong_plugin_disabled${of}} 1`,
  ]) {
    expect(text.split('\n')).toContain(line)
  }
  expect(text).not.toContain('phase="accept"')
})

test('beyond the most series some are left out, and that is told', () => {
  const dropped: unknown[] = []
  const costs = ['i', 'j', 'k'].map((id) => ({ ...cost, id }))
  const shown = costMetrics(costs, (name, count) => void dropped.push([name, count]), 2)
  expect(shown.find(({ name }) => name === 'kong_plugin_disabled')?.values).toHaveLength(2)
  expect(dropped).toContainEqual(['kong_plugin_phase_duration_ms', 1])
  expect(dropped).toContainEqual(['kong_plugin_failed_total', 1])
})
