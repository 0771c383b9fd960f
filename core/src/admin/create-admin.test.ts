import { expect, test } from 'vitest'
import { form, send, testNode } from './node.fixture.ts'
import type { Json } from './node.fixture.ts'

test.each([
  ['size=0', 9, 'size must be an integer between 1 and 1000'],
  ['size=1001', 9, 'size must be an integer between 1 and 1000'],
  ['size=x', 9, 'size must be a number'],
  ['offset=%25', 7, "'%' is not a valid offset: bad base64 encoding"],
  ['tags=', 11, 'invalid option (tags: cannot be null)'],
  ['tags=a,b/c', 11, 'invalid option (tags: invalid filter syntax)'],
  ['tags=a,,b', 11, 'invalid option (tags: invalid filter syntax)'],
  ['tags=1,2,3,4,5,6', 11, 'invalid option (tags: cannot query more than 5 tags)'],
])('a list refuses %s', async (query, code, message) => {
  expect(await send(testNode(), `GET /services?${query}`)).toMatchObject({
    status: 400,
    json: { code, message },
  })
})

test('transport: headers, HEAD, OPTIONS, unknown paths and methods', async () => {
  const node = testNode()
  const { headers } = await send(node, 'GET /services')
  expect(headers).toMatchObject({
    'content-type': 'application/json; charset=utf-8',
    server: 'kong-ts/0.1.0',
    'x-kong-admin-latency': expect.stringMatching(/^\d+$/),
  })
  expect(await send(node, 'HEAD /services')).toMatchObject({ status: 200, json: undefined })
  expect(await send(node, 'OPTIONS /services')).toMatchObject({
    status: 204,
    headers: {
      allow: 'GET, HEAD, OPTIONS, POST',
      'access-control-allow-methods': 'GET, HEAD, OPTIONS, POST',
    },
  })
  const unknown = { status: 404, json: { message: 'Not found' } }
  expect(await send(node, 'POST /nowhere', '{', { 'content-type': 'text/x' })).toMatchObject(
    unknown,
  )
  expect(await send(node, 'GET /targets')).toMatchObject(unknown)
  const wrong = { status: 405, json: { message: 'Method not allowed' } }
  expect(await send(node, 'DELETE /services')).toMatchObject(wrong)
  expect(await send(node, 'POST /services/x', '{', { 'content-type': 'text/x' })).toMatchObject(
    wrong,
  )
  expect(await send(node, 'TRACE /services')).toMatchObject(wrong)
  expect(await send(node, 'PROPFIND /services')).toMatchObject(wrong)
  expect(await send(node, 'PROPFIND /nowhere')).toMatchObject(unknown)
  expect((await send(node, 'GET /%zz')).status).toBe(400)
})

test.each<[string, string | undefined, Json, number, Json]>([
  ['no type', 'a=b', { 'content-type': '' }, 415, {}],
  ['another type', '<a/>', { 'content-type': 'text/xml' }, 415, {}],
  ['broken', '{"a"', {}, 400, { message: 'Cannot parse JSON body' }],
  ['a list', '[]', {}, 400, { message: 'Cannot parse JSON body' }],
  [
    'a prototype',
    '{"tags":{"__proto__":{}}}',
    {},
    400,
    { message: "the key '__proto__' is not allowed" },
  ],
  [
    'a constructor',
    '{"constructor":1}',
    {},
    400,
    { message: "the key 'constructor' is not allowed" },
  ],
  [
    'too deep',
    '{"a":'.repeat(40) + '1' + '}'.repeat(40),
    {},
    400,
    { message: 'the body is nested more than 32 levels deep' },
  ],
  ['too long', `{"name":"${'x'.repeat(2000)}"}`, {}, 413, { message: 'Payload too large' }],
  ['empty', '', {}, 400, { message: 'Cannot parse JSON body' }],
  [
    'form prototype',
    '__proto__.x=1',
    { 'content-type': form },
    400,
    { message: "the key '__proto__' is not allowed" },
  ],
  ['many', 'a=1&'.repeat(400) + 'b=1', { 'content-type': form }, 400, expect.anything() as Json],
])('a body that is %s', async (_name, body, headers, status, json) => {
  const node = testNode({ bodyLimit: 1999 })
  const answer = await send(node, 'POST /services', body, {
    'content-type': 'application/json',
    ...headers,
  })
  expect(answer).toMatchObject({ status, json })
  expect(answer.json).toEqual(json)
})

test.each<[string, string]>([
  ['{"broken', 'application/json'],
  ['null', 'application/json'],
  ['__proto__=1', form],
  ['<a/>', 'text/xml'],
  ['a', ''],
])('DELETE does not read its body %s of type %s', async (body, type) => {
  const node = testNode()
  await send(node, 'POST /services', 'host=h&name=s')
  const answer = await send(node, 'DELETE /services/s', body, { 'content-type': type })
  expect([answer.status, node.set.count('services')]).toEqual([204, 0])
})

test('whoever sends half a request does not keep its connection for ever', () => {
  expect(testNode().app.server.requestTimeout).toBe(60_000)
})

test('a name as long as a request can say is looked up', async () => {
  const node = testNode()
  const name = 'n'.repeat(15_000)
  expect((await send(node, `GET /services/${name}`)).status).toBe(404)
  await send(node, 'POST /services', { name, host: 'h' })
  expect((await send(node, `GET /services/${name}`)).status).toBe(200)
})

test('robots are sent away', async () => {
  const { body, headers } = await testNode().app.inject('/robots.txt')
  expect(body).toBe('User-agent: *\nDisallow: /')
  expect(headers['content-type']).toBe('text/plain; charset=utf-8')
})

test.each<[Json, number]>([
  [{ host: 'evil.test:8001' }, 403],
  [{ host: '192.168.0.1:8001' }, 201],
  [{ host: '[::1]:8001' }, 201],
  [{ host: 'LOCALHOST' }, 201],
  [{ host: 'admin.test' }, 201],
  [{ origin: 'https://evil.test' }, 403],
  [{ origin: 'null' }, 403],
  [{ origin: 'http://localhost:8002' }, 201],
  [{ origin: 'http://127.0.0.1.evil.test' }, 403],
  [{ origin: 'https://gui.test', 'sec-fetch-site': 'cross-site' }, 201],
  [{ 'sec-fetch-site': 'cross-site' }, 403],
  [{ 'sec-fetch-site': 'same-origin' }, 201],
])('a write with %j is answered %d', async (headers, status) => {
  const node = testNode({ hosts: ['admin.test'], origins: ['https://gui.test'] })
  expect((await send(node, 'POST /services', 'host=h', headers)).status).toBe(status)
  expect(node.set.count('services')).toBe(status === 201 ? 1 : 0)
})

test('reading is refused by a foreign name only', async () => {
  const node = testNode()
  expect((await send(node, 'GET /certificates', undefined, { host: 'evil.test' })).status).toBe(403)
  expect(
    (await send(node, 'GET /services', undefined, { origin: 'https://evil.test' })).status,
  ).toBe(200)
})

test('an unexpected failure says nothing, and the log has the cause', async () => {
  const cause = new Error('disk on fire')
  const node = testNode({}, { write: () => Promise.reject(cause) })
  expect(await send(node, 'POST /services', 'host=h&name=secret')).toMatchObject({
    status: 500,
    json: { message: 'An unexpected error occurred' },
  })
  expect(node.logged).toEqual([
    [{ err: cause, method: 'POST', path: '/services' }, 'a request to the Admin API failed'],
  ])
})
