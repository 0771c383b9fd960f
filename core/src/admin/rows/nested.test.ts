import { expect, test } from 'vitest'
import { ecCert, ecKey } from '../../entities/pem.fixture.ts'
import { dataOf, form, send, testNode } from '../node.fixture.ts'
import type { Json } from '../node.fixture.ts'

const tcp = { protocols: ['tcp'], sources: [{ port: 1 }] }
const jwk = (kid: string) => ({ kid, jwk: JSON.stringify({ kid, kty: 'oct', k: 'a2V5' }) })

test('keys belong to a set, are found by name, and go with it', async () => {
  const node = testNode()
  expect(await send(node, 'POST /key-sets', { name: 's', tags: ['t'] })).toMatchObject({
    status: 201,
  })
  const key = await send(node, 'POST /key-sets/s/keys', { name: 'k', ...jwk('1') })
  expect(key).toMatchObject({ status: 201, json: { name: 'k' } })
  const alone = await send(node, 'POST /keys', { ...jwk('1'), name: 'alone' })
  expect(alone).toMatchObject({ status: 201, json: { set: null } })
  expect(await send(node, 'POST /keys', { ...jwk('2'), set: { name: 's' } })).toMatchObject({
    status: 201,
    json: { set: key.json?.['set'] },
  })
  expect(await send(node, 'GET /key-sets/s/keys/k')).toMatchObject({ json: { name: 'k' } })
  expect(await send(node, 'GET /key-sets/s/keys/alone')).toMatchObject({ status: 404 })
  const page = await send(node, 'GET /key-sets/s/keys?size=1')
  expect(page.json?.['next']).toMatch(/^\/key-sets\/s\/keys\?offset=/)
  expect((await send(node, 'GET /key-sets?size=1&tags=t')).json).toMatchObject({ next: null })
  expect(await send(node, 'GET /key_sets')).toMatchObject({ status: 404 })
  expect(await send(node, 'PATCH /key-sets/s', { name: 'changed' })).toMatchObject({ status: 200 })
  expect(await send(node, 'DELETE /key-sets/changed')).toMatchObject({ status: 204 })
  expect(dataOf(await send(node, 'GET /keys'))).toMatchObject([{ name: 'alone' }])
})

test('what a deletion takes along, and what stands in its way', async () => {
  const node = testNode()
  await send(node, 'POST /consumers', 'username=u')
  await send(node, 'POST /consumers/u/plugins', 'name=sample&instance_name=mine')
  expect(await send(node, 'GET /consumers/u/plugins/mine')).toMatchObject({ status: 200 })
  await send(node, 'POST /upstreams', 'name=pool.test')
  await send(node, 'POST /upstreams/pool.test/targets', 'target=a')
  const pair = await send(node, 'POST /certificates', { cert: ecCert, key: ecKey })
  const id = String(pair.json?.['id'])
  await send(node, 'PATCH /upstreams/pool.test', `client_certificate.id=${id}`)
  const listed = await send(node, `GET /certificates/${id}/upstreams`)
  expect(dataOf(listed)).toMatchObject([{ name: 'pool.test' }])
  expect(await send(node, `DELETE /certificates/${id}`)).toMatchObject({
    status: 400,
    json: {
      code: 4,
      message: "an existing 'upstreams' entity references this 'certificates' entity",
      fields: { '@referenced_by': 'upstreams' },
    },
  })
  for (const path of ['/consumers/u', '/upstreams/pool.test', `/certificates/${id}`]) {
    expect(await send(node, `DELETE ${path}`)).toMatchObject({ status: 204 })
  }
  expect(
    ['plugins', 'targets', 'consumers'].map((name) => node.set.count(name as 'plugins')),
  ).toEqual([0, 0, 0])
})

test('PATCH below a parent moves a row when it says so; PUT and POST put it there', async () => {
  const node = testNode()
  for (const name of ['a', 'b']) await send(node, 'POST /services', { name, host: 'h' })
  const b = { service: { name: 'b' } }
  await send(node, 'POST /services/a/routes', { ...tcp, ...b, name: 'r' })
  expect(await send(node, 'GET /services/a/routes/r')).toMatchObject({ status: 200 })
  await send(node, 'PUT /services/a/routes/r', { ...tcp, ...b })
  expect(await send(node, 'GET /services/a/routes/r')).toMatchObject({ status: 200 })
  await send(node, 'PATCH /services/a/routes/r', b)
  expect(await send(node, 'GET /services/b/routes/r')).toMatchObject({ status: 200 })
  expect(await send(node, 'PATCH /services/b/routes/r', { service: null })).toMatchObject({
    status: 200,
    json: { service: null },
  })
})

test('a consumer is looked up by its custom_id', async () => {
  const node = testNode()
  const uuid = '00000000-0000-4000-8000-0000000000aa'
  for (const custom_id of ['x', uuid, 'a b']) await send(node, 'POST /consumers', { custom_id })
  for (const id of ['x', uuid, 'a b']) {
    const { json } = await send(node, `GET /consumers?custom_id=${encodeURIComponent(id)}`)
    expect(json).toMatchObject({ data: [{ custom_id: id }], next: null })
  }
  expect((await send(node, 'GET /consumers?custom_id=y')).json).toEqual({ data: [], next: null })
  for (const query of ['custom_id=', 'custom_id', 'custom_id=a&custom_id=b']) {
    expect(await send(node, `GET /consumers?${query}`)).toMatchObject({
      status: 400,
      json: { message: 'custom_id must be an unempty string' },
    })
  }
  expect(dataOf(await send(node, 'GET /consumers?username=x'))).toHaveLength(3)
  expect(dataOf(await send(node, 'GET /services?name=x'))).toEqual([])
})

test('the tags of every entity filter its list and are listed', async () => {
  const node = testNode()
  const upstream = await send(node, 'POST /upstreams', { name: 'u.test', tags: ['t', 'u'] })
  await send(node, 'POST /upstreams/u.test/targets', { target: 'a', tags: ['t'] })
  const rows: readonly (readonly [string, Json])[] = [
    ['consumers', { username: 'c' }],
    ['key-sets', { name: 's' }],
    ['keys', jwk('1')],
    ['vaults', { name: 'env', prefix: 'my-env' }],
  ]
  for (const [path, body] of rows) {
    expect(await send(node, `POST /${path}`, { ...body, tags: ['t'] })).toMatchObject({
      status: 201,
    })
    expect(dataOf(await send(node, `GET /${path}?tags=t`))).toHaveLength(1)
    expect(dataOf(await send(node, `GET /${path}?tags=x/t`))).toHaveLength(1)
    expect(dataOf(await send(node, `GET /${path}?tags=x,t`))).toHaveLength(0)
  }
  expect(dataOf(await send(node, 'GET /upstreams?tags=t,u'))).toEqual([upstream.json])
  const tagged = dataOf(await send(node, 'GET /tags/t'))
  expect(tagged.map(({ entity_name: name }) => name)).toEqual([
    'upstreams',
    'targets',
    'consumers',
    'keys',
    'key_sets',
    'vaults',
  ])
})

test('too many arguments are refused, in a query and in a form', async () => {
  const node = testNode()
  const many = 'a=1&'.repeat(1000)
  const refused = { status: 400, json: { message: 'Too many arguments' } }
  expect(await send(node, `GET /services?${many}a=1`)).toMatchObject(refused)
  expect(await send(node, 'POST /services', `${many}a=1`)).toMatchObject(refused)
  expect(await send(node, `GET /services?${many.slice(0, -1)}`)).toMatchObject({ status: 200 })
})

test.each([
  [undefined, 'x', 415],
  ['text/plain', 'x', 415],
  ['application/problem+json', '{}', 415],
  ['invalid', '{}', 415],
  ['application/json', '', 400],
  ['multipart/form-data', '', 400],
  [form, '', 400],
  ['application/json', 'null', 400],
  ['application/json', '[]', 400],
  ['application/json', '1', 400],
  ['application/json; charset=utf-8', '{"host":"h"}', 201],
  ['Application/JSON;charset=UTF-8', '{"host":"h"}', 201],
  [`${form}; charset=utf-8`, 'host=h', 201],
])('a body of type %s: %s is answered %d', async (type, payload, status) => {
  const node = testNode()
  const headers = type === undefined ? {} : { 'content-type': type }
  const answer = await node.app.inject({ method: 'POST', url: '/services', payload, headers })
  expect(answer.statusCode).toBe(status)
  if (status === 415) expect(answer.body).toBe('{}')
  if (['null', '[]', '1'].includes(payload)) {
    expect(answer.json()).toEqual({ message: 'Cannot parse JSON body' })
  }
})

test('no body and no content type is a body without fields', async () => {
  const { app } = testNode()
  const answer = await app.inject({ method: 'POST', url: '/consumers' })
  expect(answer.statusCode).toBe(400)
  expect(answer.json()).toMatchObject({
    fields: {
      '@entity': ["at least one of these fields must be non-empty: 'custom_id', 'username'"],
    },
  })
})
