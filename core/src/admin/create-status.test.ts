import { expect, test } from 'vitest'
import { createStatus } from './create-status.ts'
import { form, testNode } from './node.fixture.ts'
import type { Json } from './node.fixture.ts'

const token = 'sixteen-letters!'
const far = '192.0.2.1'

function statusOf(...node: Parameters<typeof testNode>) {
  const { deps } = testNode(...node)
  const app = createStatus(deps)
  return async (
    line: string,
    payload?: string,
    headers: Json = {},
    remoteAddress = '127.0.0.1',
  ) => {
    const [method, url] = line.split(' ') as ['GET', string]
    const type = payload === undefined ? {} : { 'content-type': form }
    const all = { ...type, ...(headers as Record<string, string>) }
    const body = payload === undefined ? {} : { payload }
    const response = await app.inject({ method, url, headers: all, remoteAddress, ...body })
    const json = response.body === '' ? undefined : (response.json() as Json)
    return { status: response.statusCode, json, headers: response.headers }
  }
}

test('probes are answered as on the Admin API, and nothing else', async () => {
  const ask = statusOf()
  expect(await ask('GET /status')).toMatchObject({
    status: 200,
    json: { database: { reachable: true } },
  })
  expect(await ask('GET /status/ready/')).toMatchObject({ status: 200, json: { message: 'ready' } })
  expect(await ask('HEAD /status')).toMatchObject({ status: 200, json: undefined })
  expect(await ask('OPTIONS /status/ready')).toMatchObject({
    status: 204,
    headers: { allow: 'GET, HEAD, OPTIONS, POST' },
  })
  expect(await ask('DELETE /status')).toMatchObject({
    status: 405,
    json: { message: 'Method not allowed' },
    headers: { allow: 'GET, HEAD, OPTIONS' },
  })
  for (const path of ['/', '/services', '/endpoints', '/schemas/services', '/nowhere']) {
    expect(await ask(`GET ${path}`)).toMatchObject({ status: 404, json: { message: 'Not found' } })
  }
  expect((await ask('GET /status')).headers).toMatchObject({
    server: 'kong-ts/0.1.0',
    vary: 'Origin',
  })
})

test('a node that does not take traffic says so', async () => {
  const ask = statusOf(
    {},
    {
      status: () => ({
        ready: false,
        memory: { resident_bytes: 0, heaps: [] },
        server: {},
        database: { reachable: true },
      }),
      readiness: { reason: () => 'router builds not yet complete', drain: () => undefined },
    },
  )
  expect(await ask('GET /status')).toMatchObject({ status: 503, json: { server: {} } })
  expect(await ask('GET /status/ready')).toMatchObject({
    status: 503,
    json: { message: 'router builds not yet complete' },
  })
})

test('everybody may read; who is far away may write with the token only', async () => {
  for (const options of [{}, { token: () => token }]) {
    const ask = statusOf(options)
    expect((await ask('GET /status', undefined, {}, far)).status).toBe(200)
    const proof = { 'kong-admin-token': token }
    const drain = (headers: Json, from: string) =>
      ask('POST /status/ready', 'status=draining', headers, from)
    expect((await drain({}, far)).status).toBe(403)
    expect((await drain({ 'kong-admin-token': 'x' }, far)).status).toBe(403)
    expect((await ask('GET /status/ready')).status).toBe(200)
    expect((await drain(proof, far)).status).toBe('token' in options ? 204 : 403)
    for (const near of ['127.0.0.9', '::1', '::ffff:127.0.0.1']) {
      expect((await drain({}, near)).status).toBe(204)
    }
    expect((await drain({}, '::ffff:192.0.2.1')).status).toBe(403)
    expect((await ask('GET /status/ready', undefined, {}, far)).status).toBe(503)
  }
})

test('over a unix socket one is near', async () => {
  const { deps } = testNode()
  const app = createStatus(deps, { unix: true })
  const headers = { 'content-type': form, host: 'anything' }
  const payload = 'status=draining'
  const sent = { method: 'POST', url: '/status/ready', headers, payload } as const
  expect((await app.inject({ ...sent, remoteAddress: far })).statusCode).toBe(204)
})

test.each<[Json, number]>([
  [{ host: 'evil.test' }, 403],
  [{ host: 'probe.test' }, 204],
  [{ origin: 'https://evil.test' }, 403],
  [{ 'sec-fetch-site': 'cross-site' }, 403],
  [{ origin: 'http://localhost:8002' }, 204],
])('a write with %j is answered %d', async (headers, status) => {
  const ask = statusOf({ hosts: ['probe.test'] })
  expect((await ask('POST /status/ready', 'status=draining', headers)).status).toBe(status)
  expect((await ask('GET /status/ready')).status).toBe(status === 204 ? 503 : 200)
})

test('reading is refused by a foreign name only', async () => {
  const ask = statusOf()
  expect((await ask('GET /status', undefined, { host: 'evil.test' })).status).toBe(403)
  expect((await ask('GET /status', undefined, { origin: 'https://evil.test' })).status).toBe(200)
})
