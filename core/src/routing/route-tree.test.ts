import { expect, test } from 'vitest'
import { Query } from './query.ts'
import { entries, route } from './route.fixture.ts'
import { rulesOf } from './route-rules.ts'
import { routeTree } from './route-tree.ts'

const at = { address: '10.0.0.1', port: 80 }

test('goes back when a better value leads nowhere, and leaves the ranks of the way it took', () => {
  const tree = routeTree(['sni', 'source'])
  const near = rulesOf(route({ id: 'n', snis: ['a.b'], sources: entries(':81') }))
  const far = rulesOf(route({ id: 'f', snis: ['*.b', 'a.*'], sources: entries(':80', '10.0.0.1') }))
  tree.put(near)
  tree.put(far)
  const query = new Query(at, at, 'a.b')
  expect(tree.find(query)?.id).toBe('f')
  expect(query.ranks).toEqual({
    sni: 1021,
    source: far.source[1]?.shape.order,
    destination: 0,
  })
  tree.delete(far)
  expect(tree.find(query)).toBeUndefined()
  tree.delete(near)
  expect(tree.empty).toBe(true)
})
