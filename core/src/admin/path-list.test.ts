import { expect, test } from 'vitest'
import { listEndpoints } from './endpoints.ts'
import { send, testNode } from './node.fixture.ts'
import { listPaths } from './path-list.ts'

test('paths are sorted by segments, and rows are called by their collection', () => {
  expect(
    listPaths([
      '/ab/a',
      '/routes/:item/service',
      '/services/:parent/routes/:item',
      '/a/z',
      '/schemas/:name',
      '/schemas/plugins/:name',
      '/ab',
      '/a',
      '/',
    ]),
  ).toEqual([
    '/',
    '/a',
    '/a/z',
    '/ab',
    '/ab/a',
    '/routes/{routes}/service',
    '/schemas/plugins/{name}',
    '/schemas/{name}',
    '/services/{services}/routes/{routes}',
  ])
})

test('what is served is listed, this list too', async () => {
  const { status, json } = await send(testNode(), 'GET /endpoints')
  expect(status).toBe(200)
  const data = json?.['data'] as string[]
  expect(data).toEqual(listPaths(listEndpoints().map(({ path }) => path)))
  expect(data).toContain('/endpoints')
  expect(data).toContain('/services/{services}/plugins/{plugins}')
})
