import { expect, test } from 'vitest'
import { Query } from './query.ts'
import { entries, route } from './route.fixture.ts'
import { RouteIndex } from './route-index.ts'

const at = { address: '10.0.0.7', port: 80 }
const ips = Array.from({ length: 600 }, (_, index) => `10.0.${index >> 8}.${index & 255}`)

test('a route with many combinations stands in the same order as the others', () => {
  const index = new RouteIndex()
  const both = { destinations: entries(':80', ':81') }
  const wide = route({ id: 'wide', created_at: 2, sources: entries(...ips), ...both })
  const worse = route({ id: 'worse', sources: entries('10.0.0.0/24'), ...both })
  const equal = route({ id: 'equal', created_at: 1, sources: entries('10.0.0.7'), ...both })
  const better = route({ id: 'better', created_at: 3, sources: entries('10.0.0.7:80'), ...both })
  const rows = [worse, wide, equal, better]
  for (const row of rows) index.put(row)
  for (const row of [better, equal, wide, worse]) {
    expect(index.find(new Query(at, at))?.id).toBe(row.id)
    index.delete(row)
  }
  expect([index.find(new Query(at, at)), index.empty]).toEqual([undefined, true])
})
