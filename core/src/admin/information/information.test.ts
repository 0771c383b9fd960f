import { expect, test } from 'vitest'
import { listEndpoints } from '../endpoints.ts'
import { send, testNode } from '../node.fixture.ts'

const controlPlane =
  'this endpoint is only available when Kong is configured to run as Control Plane for the cluster'

test.each([
  ['GET /plugins/enabled', 200, { enabled_plugins: expect.arrayContaining(['sample']) }],
  ['GET /timers', 200, { worker: { id: 0, count: 1 }, stats: {} }],
  ['GET /status/dns', 501, { message: 'not implemented with the legacy DNS client' }],
  ['GET /cache/services:x', 404, { message: 'Not found' }],
  ['DELETE /cache/services:x', 204, undefined],
  ['DELETE /cache', 204, undefined],
  ['GET /cache', 405, { message: 'Method not allowed' }],
  ['GET /clustering/data-planes', 400, { message: controlPlane }],
  ['GET /clustering/status', 400, { message: controlPlane }],
  ['POST /clustering/status', 405, { message: 'Method not allowed' }],
])('%s is answered %d', async (line, status, json) => {
  expect(await send(testNode(), line)).toMatchObject({ status, json })
})

test('everything is listed', async () => {
  const { json } = await send(testNode(), 'GET /endpoints')
  const data = json?.['data']
  for (const path of [
    '/',
    '/cache',
    '/cache/{key}',
    '/clustering/data-planes',
    '/clustering/status',
    '/consumer_groups',
    '/debug/cluster/log-level/{log_level}',
    '/debug/node/log-level',
    '/debug/node/log-level/{log_level}',
    '/status',
    '/metrics',
    '/plugins/{plugins}/stats',
    '/status/dns',
    '/timers',
    '/workspaces',
    '/workspaces/{workspaces}',
  ]) {
    expect(data).toContain(path)
  }
  expect(data).toHaveLength(listEndpoints().length)
})

test('what is read can be asked for its headers and its methods', async () => {
  const node = testNode()
  for (const path of ['/', '/status', '/timers', '/workspaces/default', '/debug/node/log-level']) {
    const [got, head] = [await send(node, `GET ${path}`), await send(node, `HEAD ${path}`)]
    expect([head.status, head.json]).toEqual([200, undefined])
    const { 'x-kong-admin-latency': _one, date: _when, ...headers } = got.headers
    expect(head.headers).toMatchObject(headers)
    const { status, headers: allowed } = await send(node, `OPTIONS ${path}`)
    expect([status, allowed['allow']]).toEqual([204, 'GET, HEAD, OPTIONS'])
  }
})
