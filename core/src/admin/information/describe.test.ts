import { expect, test } from 'vitest'
import { contractVersion } from './describe.ts'
import { send, testNode } from '../node.fixture.ts'

test('the node describes itself as clients of Kong read it', async () => {
  const node = testNode()
  expect((await send(node, 'GET /')).json).toMatchObject({ plugins: { enabled_in_cluster: [] } })
  await send(node, 'POST /plugins', 'name=sample')
  await send(node, 'POST /services', 'name=s&host=h')
  await send(node, 'POST /services/s/plugins', 'name=sample')
  const { json, headers } = await send(node, 'GET /')
  expect(json).toEqual({
    tagline: 'Welcome to kong',
    version: contractVersion,
    edition: 'community',
    kong_ts: { version: '0.1.0' },
    hostname: 'host',
    node_id: 'n',
    lua_version: 'none',
    timers: { running: 0, pending: 1 },
    configuration: { database: 'embedded' },
    plugins: {
      available_on_server: { sample: { version: '1.0.0', priority: 1 } },
      enabled_in_cluster: ['sample'],
    },
    pids: { master: 1, workers: [2] },
  })
  expect(headers.server).toBe('kong-ts/0.1.0')
})

test('the version is one that clients can compare', () => {
  expect(contractVersion).toMatch(/^3\.\d+\.\d+$/)
})
