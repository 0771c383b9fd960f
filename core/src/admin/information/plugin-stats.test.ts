import { expect, test } from 'vitest'
import { pluginRow } from '../../gateway/rows.fixture.ts'
import { PluginCosts } from '../../node/metrics/plugin-costs.ts'
import { send, testNode } from '../node.fixture.ts'

const id = '0b0ffe20-3f0c-4d5f-8d0e-8a2c3f8f2a11'

test('what a plugin did is shown by its id and by its instance name', async () => {
  const costs = new PluginCosts()
  const preread = { calls: 3, time: 12.5, buckets: [1, 0, 1, 0, 1, 0, 0, 0] }
  const news = {
    phases: { preread },
    rejected: 1,
    wouldReject: 2,
    failed: 3,
    stalls: 4,
    longestStall: 250,
  }
  costs.receive({}, [{ id, plugin: 'sample', isDisabled: true, news }])
  const metrics = {
    word: async () => ({ type: '', text: '' }),
    costOf: async (row: string, plugin: string) => costs.of(row, plugin),
  }
  const node = testNode({}, { metrics })
  const row = pluginRow(id, 'sample', { instance_name: 'guard' })
  node.set.apply([{ op: 'put', entity: 'plugins', row }])
  const shown = await send(node, `GET /plugins/${id}/stats`)
  expect(shown).toMatchObject({
    status: 200,
    json: {
      id,
      name: 'sample',
      phases: {
        preread: {
          calls: 3,
          total_ms: 12.5,
          buckets: [
            { le: '0.01', count: 1 },
            { le: '0.1', count: 1 },
            { le: '1', count: 2 },
            { le: '10', count: 2 },
            { le: '100', count: 3 },
            { le: '1000', count: 3 },
            { le: '10000', count: 3 },
            { le: '+Inf', count: 3 },
          ],
        },
      },
      rejected: 1,
      would_reject: 2,
      failed: 3,
      stalls: 4,
      longest_stall_ms: 250,
      disabled: true,
    },
  })
  expect((await send(node, 'GET /plugins/guard/stats')).json).toEqual(shown.json)
})

test.each([[id], ['nowhere']])('%s is no plugin', async (name) => {
  const missing = await send(testNode(), `GET /plugins/${name}/stats`)
  expect(missing).toMatchObject({ status: 404, json: { message: 'Not found' } })
})
