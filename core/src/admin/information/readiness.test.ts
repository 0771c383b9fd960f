import { expect, test } from 'vitest'
import { form, send, testNode } from '../node.fixture.ts'
import { readinessEndpoint } from './readiness.ts'

const line = `POST ${readinessEndpoint.path}`
const json = { 'content-type': 'application/json' }

test('an operator takes a node out, and back in', async () => {
  const node = testNode()
  const ready = () => send(node, 'GET /status/ready')
  expect(await ready()).toMatchObject({ status: 200, json: { message: 'ready' } })
  for (const [body, status] of [
    [{ status: 'draining' }, 503],
    [{ status: 'draining' }, 503],
    [{ status: 'ready' }, 200],
    ['status=draining', 503],
    ['status=ready', 200],
  ] as const) {
    expect(await send(node, line, body)).toMatchObject({ status: 204, json: undefined })
    expect((await ready()).status).toBe(status)
  }
  expect((await send(node, 'HEAD /status/ready')).status).toBe(200)
  expect((await send(node, 'GET /endpoints')).json?.['data']).toContain('/status/ready')
})

test.each([
  ['{}', json],
  ['{"status":"drained"}', json],
  ['{"status":null}', json],
  ['{"status":true}', json],
  ['{"status":["draining"]}', json],
  ['{"state":"draining"}', json],
  ['status=Draining', { 'content-type': form }],
  ['status=draining&status=ready', { 'content-type': form }],
  ['{"status":"draining"}', { 'content-type': form }],
])('%j changes nothing', async (body, headers) => {
  const node = testNode()
  expect(await send(node, line, body, headers)).toMatchObject({
    status: 400,
    json: { message: 'status: expected one of: draining, ready' },
  })
  expect((await send(node, 'GET /status/ready')).status).toBe(200)
})

test('without a body, or with one that cannot be read, nothing changes either', async () => {
  const node = testNode()
  expect((await send(node, line)).status).toBe(400)
  expect((await send(node, line, '{"status"', json)).json).toEqual({
    message: 'Cannot parse JSON body',
  })
  expect((await send(node, 'DELETE /status/ready')).headers['allow']).toBe(
    'GET, HEAD, OPTIONS, POST',
  )
  expect((await send(node, 'GET /status/ready')).status).toBe(200)
})

test.each([
  [{ database: { reachable: true } }, 200, 'ready'],
  // What is known is served.
  [{ database: { reachable: false } }, 200, 'ready'],
  [{ configuration_hash: 'f'.repeat(32) }, 200, 'ready'],
  [
    { configuration_hash: '0'.repeat(32) },
    503,
    'no configuration available (empty configuration present)',
  ],
])('with %j the answer is %d', async (store, status, message) => {
  const { database: _known, ...working } = await testNode().deps.status()
  // The node itself knows that its configuration is empty; here it says so.
  const reason = () => (status === 503 ? message : undefined)
  const readiness = { reason, drain: () => undefined }
  const node = testNode({}, { status: () => ({ ...working, ...store }), readiness })
  expect(await send(node, 'GET /status/ready')).toMatchObject({ status, json: { message } })
})
