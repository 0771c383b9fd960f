import { expect, onTestFinished, test } from 'vitest'
import { fixedNames } from '../balancing/names.fixture.ts'
import { planCreate } from '../entities/plan.ts'
import { testContext } from '../entities/world.fixture.ts'
import { openStore } from '../store/open-store.ts'
import { addressText, describeHealth, describeNode } from './description/describe-node.ts'
import { Node } from './node.ts'
import { dial, logOf, serveText, settingsOf } from './node.fixture.ts'
import { StoreProbe } from './store-probe.ts'

async function startNode(texts: Record<string, string> = {}) {
  const settings = settingsOf(texts)
  const store = await openStore({ kind: 'embedded', prefix: settings.prefix })
  onTestFinished(() => store.close())
  const { log } = logOf()
  const names = fixedNames((host) => [host])
  const node = await Node.start({ settings, cwd: settings.prefix, store, log, names })
  onTestFinished(() => node.stop(0))
  return { node, store, settings, port: node.addresses[0]?.port ?? 0 }
}

test('a write is served and stored, a stop refuses everything', async () => {
  const { node, store, settings, port } = await startNode()
  const context = testContext()
  const to = await serveText('hello')
  const service = await node.write((set) =>
    planCreate(set, context, 'services', {
      name: 's',
      host: '127.0.0.1',
      port: to,
      protocol: 'tcp',
    }),
  )
  await node.write((set) =>
    planCreate(set, context, 'routes', {
      protocols: ['tcp'],
      destinations: [{ port }],
      service: { id: service['id'] },
    }),
  )
  expect(await dial(port)).toBe('hello')
  expect((await store.load()).revision).toBe(node.entities.revision)
  const health = await describeHealth(node, new StoreProbe(store, logOf().log))
  expect(health).toMatchObject({
    memory: { heaps: [{ pid: process.pid, heap: expect.any(Number) }] },
    server: { connections_accepted: 1, total_requests: 1 },
    database: { reachable: true },
  })
  const seen = describeNode(node, settings, { logLevel: 'debug', bound: undefined })
  expect(seen).toMatchObject({
    lua_version: `none (Node.js ${process.version})`,
    configuration: { log_level: 'debug', stream_listeners: [{ ip: '127.0.0.1', port }] },
    node_id: node.id,
    pids: { master: process.pid, workers: [process.pid] },
    plugins: {},
  })
  await node.stop(0)
  expect(await dial(port)).toBe('ECONNREFUSED')
  await expect(node.write(() => ({ changes: [], result: 1 }))).rejects.toThrow('stopping')
})

test('a reload keeps the sockets; one that fails keeps everything', async () => {
  const { node, settings, port } = await startNode()
  const other = { ...settings, preread_timeout: 50 }
  expect(await node.reload(other)).toEqual([])
  expect(node.addresses).toMatchObject([{ port }])
  const impossible = { ...settings, plugins: ['/nowhere/plugin.ts'] }
  await expect(node.reload(impossible)).rejects.toThrow('/nowhere/plugin.ts')
  expect(await dial(port)).toBe('')
})

test('addresses are written as operators write them', () => {
  expect(addressText({ address: '127.0.0.1', port: 1 })).toBe('127.0.0.1:1')
  expect(addressText({ address: '::1', port: 1 })).toBe('[::1]:1')
  expect(addressText({ address: 'unix:/run/s', port: 0 })).toBe('unix:/run/s')
})
