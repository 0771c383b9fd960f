import { expect, test } from 'vitest'
import { pageBody, pathBelow } from './list-page.ts'
import { testNode } from '../node.fixture.ts'

test('a page says where the next one begins, and the last page does not', () => {
  expect(pageBody([1], '/a', 'x=', '&size=1')).toEqual({
    data: [1],
    next: '/a?offset=x%3D&size=1',
    offset: 'x=',
  })
  expect(pageBody([], '/a', undefined, '&size=1')).toEqual({ data: [], next: null })
})

test('a path below a parent keeps what the client called it', () => {
  const { deps } = testNode()
  const call = {
    deps,
    author: 'unix',
    params: { parent: 'a b' },
    query: new URLSearchParams(),
    headers: {},
    body: { kind: 'json', fields: {} },
  } as const
  const parent = { entity: 'key_sets', field: 'set' } as const
  expect(pathBelow(call, parent, 'keys')).toBe('/key-sets/a%20b/keys')
})
