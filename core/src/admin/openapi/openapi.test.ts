import { Validator } from '@seriousme/openapi-schema-validator'
import { expect, test } from 'vitest'
import { samplePlugin } from '../../entities/world.fixture.ts'
import { loadCatalogue } from '../../plugins/catalogue.ts'
import { noBody } from '../bodies/body.ts'
import { allowed } from '../endpoint.ts'
import type { Endpoint } from '../endpoint.ts'
import { listEndpoints } from '../endpoints.ts'
import { send, testNode } from '../node.fixture.ts'
import type { Json } from '../node.fixture.ts'
import { openApiDocument, openApiEndpoint } from './openapi.ts'
import { shownPath } from '../path-list.ts'

interface Document {
  readonly openapi: string
  readonly paths: Record<string, Record<string, Json>>
  readonly components: Record<string, Record<string, Json>>
}

async function documentOf(node = testNode()): Promise<Document> {
  const { status, json } = await send(node, 'GET /openapi.json')
  expect(status).toBe(200)
  return json as unknown as Document
}

test('a public validator accepts the document', async () => {
  const document = await documentOf()
  const validator = new Validator()
  expect(await validator.validate(structuredClone(document) as unknown as Json)).toEqual({
    valid: true,
  })
  expect(document.openapi).toBe('3.1.0')
})

test.each([['bundled'], ['off']])('with the plugins %s it is as good', async (setting) => {
  const plugins = await loadCatalogue([setting], { cwd: process.cwd() })
  const context = { ...testNode().deps.context, plugins }
  const document = openApiDocument(listEndpoints(), context, '1')
  expect(await new Validator().validate(structuredClone(document) as Json)).toEqual({ valid: true })
})

test('every path and every method is in it, each with a name of its own', async () => {
  const { paths } = await documentOf()
  const served = listEndpoints().flatMap((endpoint) =>
    allowed(endpoint).map((method) => `${method} ${shownPath(endpoint.path)}`),
  )
  const operations = Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item)
      .filter(([method]) => method !== 'parameters')
      .map(([method, operation]) => ({ name: `${method.toUpperCase()} ${path}`, operation })),
  )
  const described = operations.map(({ name }) => name)
  expect(described.toSorted()).toEqual(served.toSorted())
  const ids = operations.map(({ operation }) => operation['operationId'])
  expect(new Set(ids).size).toBe(ids.length)
  expect(ids).toContain('putServiceRoute')
})

test('every placeholder of a path is described, and every reference leads somewhere', async () => {
  const document = await documentOf()
  for (const [path, { parameters = [] }] of Object.entries(document.paths)) {
    const names = [...path.matchAll(/\{([^}]+)\}/g)].map(([, name]) => name)
    expect((parameters as unknown as Json[]).map(({ name }) => name)).toEqual(names)
  }
  const references = [...JSON.stringify(document).matchAll(/"#\/([^"]+)"/g)]
  expect(references.length).toBeGreaterThan(100)
  for (const [, pointer = ''] of references) {
    const found = pointer
      .split('/')
      .reduce<unknown>((at, key) => (at as Json | undefined)?.[key], document)
    expect([pointer, found]).toEqual([pointer, expect.anything()])
  }
})

test('what may be answered is said where it may be', async () => {
  const { paths } = await documentOf()
  const answers = (path: string, method: string) =>
    Object.keys(paths[path]?.[method]?.['responses'] as Json)
  const always = ['401', '403', '500']
  expect(answers('/services', 'get')).toEqual(['200', '400', ...always])
  expect(answers('/services', 'post')).toEqual(
    ['201', '400', '405', '409', '413', '415', ...always].toSorted(),
  )
  expect(answers('/services/{services}', 'delete')).toEqual(
    ['204', '400', '404', '405', '412', ...always].toSorted(),
  )
  expect(answers('/services/{services}', 'get')).toEqual(
    ['200', '304', '400', '404', '412', ...always].toSorted(),
  )
  expect(paths['/services/{services}']?.['get']).toMatchObject({
    parameters: [{ $ref: '#/components/parameters/IfMatch' }, {}],
    responses: { 200: { headers: { ETag: {} } } },
  })
  expect(paths['/consumers']?.['get']).toMatchObject({
    parameters: expect.arrayContaining([expect.objectContaining({ name: 'custom_id' })]),
  })
  expect(paths['/upstreams/{upstreams}/targets/{targets}']?.['put']).toMatchObject({
    requestBody: {
      content: { 'application/json': { schema: { $ref: '#/components/schemas/TargetChange' } } },
    },
  })
  expect(paths['/services']?.['post']).toMatchObject({
    requestBody: {
      content: {
        'application/json': { schema: { $ref: '#/components/schemas/ServiceInput' } },
        'multipart/form-data': {},
        'application/x-www-form-urlencoded': {},
      },
    },
  })
  const list = paths['/services']?.['get']?.['parameters'] as Json[]
  expect(list.map(({ name }) => name)).toEqual(['size', 'offset', 'tags'])
})

test('an endpoint that nobody describes appears, and one that says more says it', () => {
  const endpoints: readonly Endpoint[] = [
    { path: '/debug/:thing', handlers: { GET: () => ({ status: 200 }) } },
    {
      path: '/config',
      handlers: { POST: () => ({ status: 201 }) },
      about: {
        methods: {
          POST: {
            summary: 'Replaces everything',
            query: { check_hash: { type: 'boolean', description: 'only what is new' } },
            body: { 'text/yaml': { type: 'string' } },
            answers: { 201: {}, 304: null, 404: { type: 'object' } },
          },
        },
      },
    },
  ]
  const { paths } = openApiDocument(endpoints, testNode().deps.context, '1') as unknown as Document
  expect(paths['/debug/{thing}']?.['get']).toMatchObject({
    operationId: 'getDebugByThing',
    tags: ['debug'],
    responses: { 200: {}, 404: {} },
  })
  expect(paths['/config']?.['post']).toMatchObject({
    summary: 'Replaces everything',
    parameters: [{ name: 'check_hash', in: 'query', description: 'only what is new' }],
    requestBody: { content: { 'text/yaml': { schema: { type: 'string' } } } },
    responses: {
      201: { content: {} },
      304: { description: 'Nothing has changed.' },
      404: { content: { 'application/json': { schema: { type: 'object' } } } },
      415: {},
    },
  })
})

test('it is made once for the plugins that are loaded', async () => {
  const { deps } = testNode()
  let names = ['sample']
  let asked = 0
  const plugins = { find: () => samplePlugin, names: () => names }
  const node = testNode({}, { context: { ...deps.context, plugins } })
  const endpoint = openApiEndpoint(() => {
    asked += 1
    return []
  })
  const call = {
    deps: node.deps,
    author: 'unix',
    headers: {},
    params: {},
    query: new URLSearchParams(),
    body: noBody,
  }
  const first = await endpoint.handlers.GET?.(call)
  expect(await endpoint.handlers.GET?.(call)).toEqual(first)
  expect(asked).toBe(1)
  names = ['sample', 'other']
  const second = await endpoint.handlers.GET?.(call)
  expect(asked).toBe(2)
  expect(second?.body).toHaveProperty(['components', 'schemas', 'Plugin.other'])
})
