import { expect, test } from 'vitest'
import { createAdmin } from '../create-admin.ts'
import { send, testNode } from '../node.fixture.ts'
import type { Json } from '../node.fixture.ts'
import { refuseForAdmin } from './refusal.ts'

const token = 'sixteen-letters!'
const gui = 'https://manager.test'
const guarded = () => testNode({ token: () => token, origins: [gui], bodyLimit: 2000 })
const unauthorized = { status: 401, json: { message: 'Unauthorized' } }
const preflight = { origin: gui, 'access-control-request-method': 'PUT' }

/** Something for every way in which an answer comes about. */
const requests: readonly (readonly [line: string, body?: string | undefined, headers?: Json])[] = [
  ['GET /'],
  ['HEAD /services'],
  ['POST /services', 'host=h'],
  ['POST /services', '{"broken', { 'content-type': 'application/json' }],
  ['POST /services', '<a/>', { 'content-type': 'text/xml' }],
  ['POST /services', `name=${'x'.repeat(3000)}`],
  ['DELETE /services/x'],
  ['GET /nowhere'],
  ['GET /%zz'],
  ['PROPFIND /services'],
  ['OPTIONS /services'],
  ['OPTIONS /services', undefined, { origin: gui }],
  ['OPTIONS /services', undefined, { 'access-control-request-method': 'PUT' }],
  ['GET /services', undefined, preflight],
  ['GET /status/ready'],
]

test.each(requests.map((request) => ({ request })))(
  'without the token $request is refused, whatever else is wrong with it',
  async ({ request: [line, body, headers] }) => {
    const node = guarded()
    for (const wrong of [{}, { 'kong-admin-token': 'x' }, { authorization: 'Bearer x' }]) {
      const answer = await send(node, line, body, { ...headers, ...wrong, origin: gui })
      if (line.startsWith('OPTIONS') && headers?.['access-control-request-method']) continue
      expect(answer.status).toBe(401)
      if (!line.startsWith('HEAD')) expect(answer.json).toEqual(unauthorized.json)
      expect(answer.headers).toMatchObject({
        'www-authenticate': 'Bearer',
        'access-control-allow-origin': gui,
        'access-control-allow-credentials': 'true',
        vary: 'Origin',
      })
    }
    expect(node.set.count('services')).toBe(0)
  },
)

test('with it everything is as ever', async () => {
  const node = guarded()
  for (const proof of [{ 'kong-admin-token': token }, { authorization: `Bearer ${token}` }]) {
    expect((await send(node, 'POST /services', 'host=h', proof)).status).toBe(201)
    expect((await send(node, 'GET /nowhere', undefined, proof)).status).toBe(404)
    expect((await send(node, 'GET /%zz', undefined, proof)).status).toBe(400)
    const foreign = { ...proof, origin: 'https://evil.test' }
    expect((await send(node, 'POST /services', 'host=h', foreign)).status).toBe(403)
    const rebound = { ...proof, host: 'evil.test' }
    expect((await send(node, 'GET /services', undefined, rebound)).status).toBe(403)
  }
  expect(node.set.count('services')).toBe(2)
})

test('a foreign page learns nothing from a refusal', async () => {
  const { headers } = await send(guarded(), 'GET /', undefined, { origin: 'https://evil.test' })
  expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([])
})

test('a preflight brings no token, and needs none', async () => {
  const asked = { ...preflight, 'access-control-request-headers': 'kong-admin-token' }
  const { status, headers } = await send(guarded(), 'OPTIONS /services', undefined, asked)
  expect([status, headers['access-control-allow-headers']]).toEqual([204, 'kong-admin-token'])
})

test('the token may change while the API is served', async () => {
  let current: string | undefined = token
  const node = testNode({ token: () => current })
  const withToken = { 'kong-admin-token': token }
  expect((await send(node, 'GET /', undefined, withToken)).status).toBe(200)
  current = 'another-sixteen-letters'
  expect((await send(node, 'GET /', undefined, withToken)).status).toBe(401)
  current = undefined
  expect((await send(node, 'GET /')).status).toBe(200)
})

test('over a unix socket any name is right, and the token is asked for all the same', async () => {
  const { deps } = testNode({ token: () => token })
  const app = createAdmin(deps, { unix: true })
  const headers = { host: 'evil.test' }
  expect((await app.inject({ url: '/', headers })).statusCode).toBe(401)
  const known = { ...headers, 'kong-admin-token': token }
  expect((await app.inject({ url: '/', headers: known })).statusCode).toBe(200)
})

test('over TLS a page of this very server has come over TLS', () => {
  const { deps } = testNode()
  const refuse = refuseForAdmin({ ...deps.options, hosts: ['admin.test'] }, { unix: false })
  const write = (protocol: string, host: string, origin: string) =>
    refuse({ method: 'POST', headers: { host, origin }, protocol } as Parameters<typeof refuse>[0])
  const foreign = { status: 403, message: 'another origin may not write' }
  expect(write('https', 'admin.test', 'https://admin.test')).toBeUndefined()
  expect(write('https', 'admin.test:443', 'https://admin.test')).toBeUndefined()
  expect(write('https', 'admin.test:8444', 'https://admin.test:8444')).toBeUndefined()
  expect(write('https', 'Admin.Test:8444', 'https://admin.test:8444')).toBeUndefined()
  expect(write('https', 'admin.test', 'http://admin.test')).toEqual(foreign)
  expect(write('https', 'admin.test:8444', 'https://admin.test')).toEqual(foreign)
  expect(write('https', 'admin.test', 'null')).toEqual(foreign)
  // A proxy in front may have spoken TLS.
  expect(write('http', 'admin.test', 'https://admin.test')).toBeUndefined()
  expect(write('http', 'admin.test', 'https://evil.test')).toEqual(foreign)
  expect(write('https', '127.0.0.1:8444', 'https://127.0.0.1:9')).toBeUndefined()
})
