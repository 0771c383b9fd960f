import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { emptyHash, hashDocument } from '../../declarative/hash-document.ts'
import { declarativeNode } from '../../node/configuration/declarative.fixture.ts'
import { send, testNode } from '../node.fixture.ts'

let prepare: () => Promise<void>
let inside: Awaited<ReturnType<typeof declarativeNode>>
let node: ReturnType<typeof testNode>
beforeEach(async () => {
  prepare = async () => undefined
  inside = await declarativeNode(() => prepare())
  node = testNode(
    { bodyLimit: 100_000 },
    {
      entities: () => inside.entities,
      write: inside.write,
      context: inside.context,
      declarative: inside.config,
    },
  )
})
afterEach(() => inside.remove())

const yaml = '_format_version: "3.0"\nservices:\n- name: a\n  host: h\n'
const object = { _format_version: '3.0', services: [{ name: 'a', host: 'h' }] }

async function post(payload: string | Buffer, type?: string, query = '') {
  const response = await node.app.inject({
    method: 'POST',
    url: `/config${query}`,
    payload,
    headers: type === undefined ? {} : { 'content-type': type },
  })
  return {
    status: response.statusCode,
    headers: response.headers,
    json: response.body === '' ? undefined : response.json(),
  }
}

function multipart(name: string, text: string): string {
  return [
    '--cut',
    `Content-Disposition: form-data; name="${name}"; filename="kong.yml"`,
    'Content-Type: application/octet-stream',
    '',
    text,
    '--cut--',
    '',
  ].join('\r\n')
}

test.each([
  ['JSON entities', JSON.stringify(object), 'application/json'],
  ['JSON entities in UTF-8', JSON.stringify(object), 'application/json; charset=utf-8'],
  ['YAML in JSON', JSON.stringify({ config: yaml }), 'application/json'],
  ['JSON in JSON', JSON.stringify({ config: JSON.stringify(object) }), 'application/json'],
  ['YAML', yaml, 'application/yaml'],
  ['YAML as text', yaml, 'text/yaml'],
  ['JSON as YAML', JSON.stringify(object), 'text/yaml'],
  ['YAML of no type', yaml, undefined],
  ['a form', new URLSearchParams({ config: yaml }).toString(), 'application/x-www-form-urlencoded'],
  ['YAML that curl calls a form', yaml, 'application/x-www-form-urlencoded'],
  ['a file in a form', multipart('config', yaml), 'multipart/form-data; boundary=cut'],
])('%s is loaded, and every entity is answered by its id', async (_name, body, type) => {
  const { status, json } = await post(body, type)
  const [service] = inside.entities.list('services', { size: 9 }).rows
  expect([status, json]).toEqual([201, { services: { [service?.id ?? '']: service } }])
  expect(service).toMatchObject({ name: 'a', retries: 5 })
})

test('GET is the document that is served', async () => {
  expect((await send(node, 'GET /config')).json).toEqual({
    config: '_format_version: "3.0"\n_transform: false\n',
  })
  await post(yaml, 'text/yaml')
  const { status, json } = await send(node, 'GET /config')
  expect([status, String(json?.['config'])]).toEqual([200, expect.stringContaining('name: a\n')])
})

test.each([
  ['?check_hash=1', yaml, 'text/yaml'],
  ['', JSON.stringify({ config: yaml, check_hash: 1 }), 'application/json'],
  ['?check_hash=1', JSON.stringify(object), 'application/json'],
])('with check_hash%s what is served is not loaded again', async (query, body, type) => {
  expect((await post(body, type, query)).status).toBe(201)
  expect(await post(body, type, query)).toMatchObject({ status: 304, json: undefined })
  expect((await post(body, type, '?check_hash=0')).status).toBe(201)
})

test.each([
  ['nothing', '', undefined, { message: 'expected a declarative configuration' }],
  [
    'an empty text',
    '{"config":""}',
    'application/json',
    { message: 'expected a declarative configuration' },
  ],
  [
    'no file',
    multipart('other', yaml),
    'multipart/form-data; boundary=cut',
    { message: 'expected a declarative configuration' },
  ],
  ['no JSON', '{', 'application/json', { message: 'Cannot parse JSON body' }],
  ['a list', '[]', 'application/json', { message: 'Cannot parse JSON body' }],
  [
    'no UTF-8',
    Buffer.from([0xff, 0xfe]),
    'text/yaml',
    { message: expect.stringMatching(/^expected a declarative/) },
  ],
  [
    'no object',
    '{"config":"bobby tables"}',
    'application/json',
    {
      code: 14,
      name: 'invalid declarative configuration',
      message:
        'declarative config is invalid: {error="failed parsing declarative configuration: expected an object"}',
      fields: { error: 'failed parsing declarative configuration: expected an object' },
    },
  ],
  [
    'no format',
    '{"services":[]}',
    'application/json',
    {
      code: 14,
      name: 'invalid declarative configuration',
      message: 'declarative config is invalid: {_format_version="required field missing"}',
      fields: { _format_version: 'required field missing' },
    },
  ],
  [
    'a dangerous key',
    '{"_format_version":"3.0","__proto__":{}}',
    'application/json',
    expect.objectContaining({ code: 14 }),
  ],
])('%s is refused, and nothing changes', async (_name, body, type, expected) => {
  await post(yaml, 'text/yaml')
  expect(await post(body, type)).toMatchObject({ status: 400, json: expected })
  expect(inside.config.hash).toBe(hashDocument(yaml))
})

describe('errors entity by entity', () => {
  const wrong = '_format_version: "3.0"\nextra: 1\nservices:\n- name: a\n  host: h\n  port: x\n'

  test.each(['1', 'true', 'on', 'yes', 'TRUE'])('with flatten_errors=%s', async (word) => {
    const { status, json } = await post(wrong, 'text/yaml', `?flatten_errors=${word}`)
    expect([status, json]).toEqual([
      400,
      {
        code: 14,
        name: 'invalid declarative configuration',
        message: 'declarative config is invalid: {extra="unknown field"}',
        fields: { extra: 'unknown field' },
        flattened_errors: [
          {
            entity_type: 'service',
            entity_name: 'a',
            entity: { name: 'a', host: 'h', port: 'x' },
            errors: [{ type: 'field', field: 'port', message: 'expected an integer' }],
          },
        ],
      },
    ])
  })

  test.each(['', '?flatten_errors=off', '?flatten_errors=0'])('not with "%s"', async (query) => {
    const { json } = await post(wrong, 'text/yaml', query)
    expect(json).toMatchObject({ fields: { services: [{ port: 'expected an integer' }] } })
    expect(json).not.toHaveProperty('flattened_errors')
  })
})

test('while one is loaded another one has to wait', async () => {
  const prepared = Promise.withResolvers<void>()
  prepare = () => prepared.promise
  const loading = post(yaml, 'text/yaml')
  await expect.poll(async () => (await post(yaml, 'text/yaml')).status).toBe(429)
  expect(await post(yaml, 'text/yaml')).toMatchObject({
    status: 429,
    headers: { 'retry-after': '1' },
    json: { message: 'Currently loading previous configuration' },
  })
  prepared.resolve()
  expect((await loading).status).toBe(201)
})

test('a body beyond the limit is refused', async () => {
  const long = `${yaml}# ${'x'.repeat(100_000)}`
  expect(await post(long, 'text/yaml')).toMatchObject({ status: 413 })
  expect(inside.config.hash).toBe(emptyHash)
})

test('what only a page of ours may do, another may not', async () => {
  const { status } = await send(node, 'POST /config', object, { origin: 'https://evil.example' })
  expect(status).toBe(403)
})

test.each(['GET', 'POST'])('%s with a database has nothing to load', async (method) => {
  const { status, json } = await send(testNode(), `${method} /config`)
  expect([status, json]).toEqual([
    400,
    { message: 'this endpoint is only available when Kong is configured to not use a database' },
  ])
})

test('no other method is there', async () => {
  expect(await send(node, 'PUT /config', {})).toMatchObject({ status: 405 })
})
