import { expect, test } from 'vitest'
import { send, testNode } from '../node.fixture.ts'
import type { Json } from '../node.fixture.ts'

const gui = 'https://manager.test:8002'
const node = testNode({ origins: ['https://other.test', gui], bodyLimit: 2000 })

function corsOf(headers: Json): Json {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => name.startsWith('access-control-')),
  )
}

type Request = readonly [line: string, status: number, body?: string | undefined, extra?: Json]

/** Something for every way in which an answer comes about. */
const requests: readonly Request[] = [
  ['GET /services', 200],
  ['HEAD /services', 200],
  ['POST /services', 201, 'host=h'],
  ['POST /services', 400, 'port=x'],
  ['POST /services', 415, '<a/>', { 'content-type': 'text/xml' }],
  ['POST /services', 413, `name=${'x'.repeat(2000)}`],
  ['DELETE /services/x', 204],
  ['GET /services/x', 404],
  ['GET /services/x/routes/y', 404],
  ['GET /nowhere/at/all', 404],
  ['GET /%zz', 400],
  ['PROPFIND /services', 405],
  ['GET /services', 403, undefined, { host: 'evil.test' }],
]

const named = requests.map((request) => ({ request }))

test.each(named)('our pages can read the answer to $request', async ({ request }) => {
  const [line, status, body, extra] = request
  for (const origin of [gui, 'http://localhost:8002', 'https://127.0.0.9', 'http://[::1]:1']) {
    const answer = await send(node, line, body, { ...extra, origin })
    expect(answer.status).toBe(status)
    expect(answer.headers['vary']).toBe('Origin')
    expect(corsOf(answer.headers)).toEqual({
      'access-control-allow-origin': origin,
      'access-control-allow-credentials': 'true',
      'access-control-expose-headers': 'ETag',
    })
  }
})

const foreign = [
  'https://evil.test',
  'https://manager.test',
  'http://manager.test:8002',
  'null',
  'http://localhost.evil.test',
  'http://127.0.0.1.evil.test',
  'http://192.168.0.1',
  'http://localhost@evil.test',
  'ftp://localhost',
  'localhost',
  '*',
]

test.each(foreign)('a page of %s can read nothing', async (origin) => {
  for (const [line, , body, extra] of requests) {
    const answer = await send(node, line, body, { ...extra, origin })
    expect(corsOf(answer.headers)).toEqual({})
    expect(answer.headers['vary']).toBe('Origin')
  }
})

test.each([
  ['/services', 'GET, HEAD, OPTIONS, POST'],
  ['/services/x', 'DELETE, GET, HEAD, OPTIONS, PATCH, PUT'],
  ['/services/x/routes/y', 'DELETE, GET, HEAD, OPTIONS, PATCH, PUT'],
  ['/schemas/plugins/validate', 'OPTIONS, POST'],
])('a preflight of %s is answered to our pages only', async (path, allow) => {
  const ask = {
    'access-control-request-method': 'PUT',
    'access-control-request-headers': 'content-type,kong-admin-token',
  }
  const ours = await send(node, `OPTIONS ${path}`, undefined, { ...ask, origin: gui })
  expect([ours.status, ours.headers['vary'], ours.headers['allow']]).toEqual([204, 'Origin', allow])
  expect(corsOf(ours.headers)).toEqual({
    'access-control-allow-origin': gui,
    'access-control-allow-credentials': 'true',
    'access-control-expose-headers': 'ETag',
    'access-control-allow-methods': allow,
    'access-control-allow-headers': 'content-type,kong-admin-token',
  })
  const evil = { ...ask, origin: 'https://evil.test' }
  const theirs = await send(node, `OPTIONS ${path}`, undefined, evil)
  expect([theirs.status, corsOf(theirs.headers)]).toEqual([204, {}])
})

test('a write of a foreign page is refused before its body is read', async () => {
  const origin = 'https://evil.test'
  const headers = { origin, 'content-type': 'application/json' }
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
    const answer = await send(node, `${method} /services/x`, '{"broken', headers)
    expect([answer.status, corsOf(answer.headers)]).toEqual([403, {}])
  }
})
