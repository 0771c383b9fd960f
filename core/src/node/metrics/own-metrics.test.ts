import { defineMetric } from '@kong-ts/pdk/host'
import { expect, test } from 'vitest'
import { ownMetrics, ownNames, type OwnMetric } from './own-metrics.ts'

test.each(Object.entries<OwnMetric>(ownMetrics))('%s is a metric as any other', (name, own) => {
  expect(defineMetric(own.type, { name, help: own.help })).toMatchObject({ name })
  expect(own.type === 'counter').toBe(own.type !== 'gauge' && name.endsWith('_total'))
  expect(ownNames.has(name)).toBe(true)
})

test('the parts of a histogram are taken, too', () => {
  expect(ownNames.has('kong_plugin_phase_duration_ms_bucket')).toBe(true)
  expect(ownNames.has('kong_node_info_bucket')).toBe(false)
})
