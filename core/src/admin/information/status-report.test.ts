import { expect, test } from 'vitest'
import type { NodeStatus } from '../deps.ts'
import { send, testNode } from '../node.fixture.ts'

const heap = 5_497_558

function nodeWith(changed: Partial<NodeStatus> = {}) {
  const status: NodeStatus = {
    ready: true,
    memory: { resident_bytes: 7, heaps: [{ pid: 2, heap }] },
    server: { connections_active: 0 },
    ...changed,
  }
  return testNode({}, { status: async () => status })
}

async function heapAt(query: string): Promise<unknown> {
  const { json } = await send(nodeWith(), `GET /status${query}`)
  return json?.['memory']
}

test.each<[string, string | number]>([
  ['', '5.24 MiB'],
  ['?unit=b', heap],
  ['?unit=B&scale=-1', heap],
  ['?unit=k', '5368.71 KiB'],
  ['?unit=M', '5.24 MiB'],
  ['?unit=G&scale=3', '0.005 GiB'],
  ['?scale=0', '5 MiB'],
  ['?scale=1.9', '5.2 MiB'],
  ['?scale=many', '5.24 MiB'],
  ['?scale=', '5.24 MiB'],
])('memory with %s', async (query, shown) => {
  expect(await heapAt(query)).toEqual({
    workers_lua_vms: [{ pid: 2, http_allocated_gc: shown }],
    lua_shared_dicts: {},
    resident_bytes: 7,
  })
})

test.each([
  ['unit=V', "invalid unit 'V' (expected 'k/K', 'm/M', or 'g/G')"],
  ['unit=toString', "invalid unit 'toString' (expected 'k/K', 'm/M', or 'g/G')"],
  ['scale=-1', 'scale must be equal or greater than 0'],
  ['scale=100', 'scale must not be greater than 99'],
  ['scale=Infinity', 'scale must not be greater than 99'],
])('%s is refused', async (query, message) => {
  const answer = await send(nodeWith({ ready: false }), `GET /status?${query}`)
  expect(answer).toMatchObject({ status: 400, json: { message } })
})

test('a node says what it keeps its configuration in, and whether that is there', async () => {
  const kept = await send(nodeWith({ database: { reachable: false } }), 'GET /status')
  expect(kept).toMatchObject({ status: 200, json: { database: { reachable: false } } })
  expect(kept.json).not.toHaveProperty('configuration_hash')
  const hash = '0'.repeat(32)
  const read = await send(nodeWith({ configuration_hash: hash }), 'GET /status')
  expect(read.json).toMatchObject({ configuration_hash: hash })
  expect(read.json).not.toHaveProperty('database')
})

test('until the listeners take traffic it is 503, with the same body', async () => {
  const { status, json } = await send(nodeWith({ ready: false }), 'GET /status')
  expect([status, json?.['server']]).toEqual([503, { connections_active: 0 }])
  expect(json).not.toHaveProperty('ready')
})
