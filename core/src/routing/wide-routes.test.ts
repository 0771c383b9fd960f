import { expect, test } from 'vitest'
import { Query } from './query.ts'
import { entries, route } from './route.fixture.ts'
import { rulesOf } from './route-rules.ts'
import { isWide, WideRoutes } from './wide-routes.ts'

const ips = (count: number) =>
  Array.from({ length: count }, (_, at) => `10.0.${at >> 8}.${at & 255}`)
const wide = (id: string, sources: string[], destinations: string[]) =>
  rulesOf(route({ id, sources: entries(...sources), destinations: entries(...destinations) }))
const at = { address: '10.0.0.7', port: 80 }

test('only a product counts: a long list alone is laid out', () => {
  expect(isWide(wide('r', ips(2000), [':80']))).toBe(false)
  expect(isWide(wide('r', ips(500), [':80', ':81']))).toBe(false)
  expect(isWide(wide('r', ips(501), [':80', ':81']))).toBe(true)
})

test('is found by its longest list, the rest is tested, and the best of all is kept', () => {
  const routes = new WideRoutes()
  const far = wide('far', ['10.0.0.0/8', ...ips(1)], [':80', ...ips(1500)])
  const near = wide('near', ips(1500), ['10.0.0.7:80', ':81'])
  routes.put(far)
  routes.put(near)
  const query = new Query(at, at)
  expect(routes.find(query, undefined)?.route.id).toBe('near')
  expect(routes.find(new Query(at, { ...at, port: 82 }), undefined)?.route.id).toBe('far')
  expect(routes.find(new Query({ ...at, address: '11.0.0.1' }, at), undefined)).toBeUndefined()
  const better = { route: route({ id: 'narrow' }), rank: 0 }
  expect(routes.find(query, better)).toBe(better)
  routes.delete(near)
  expect(routes.find(query, undefined)?.route.id).toBe('far')
  routes.delete(far)
  expect(routes.empty).toBe(true)
})
