import { expect, test } from 'vitest'
import { routeRow, serviceRow } from './rows.fixture.ts'
import { ServedRoutes } from './served-routes.ts'

const client = { address: '10.0.0.1', port: 4000 }
const listener = { address: '10.0.0.2', port: 5555 }

test('a change of a service concerns its routes, as they are now', () => {
  const served = new ServedRoutes()
  const service = (id: string) => ({ op: 'put', row: serviceRow(id) }) as const
  const concerned = (id: string) => [...served.applyService(service(id))]
  served.applyRoute({ op: 'put', row: routeRow('r', 'one') })
  expect(concerned('one')).toEqual(['r'])
  served.applyRoute({ op: 'put', row: routeRow('r', 'two') })
  expect([concerned('one'), concerned('two')]).toEqual([[], ['r']])
  served.applyRoute({ op: 'put', row: routeRow('r', null) })
  expect(concerned('two')).toEqual([])
})

test('matching follows when a route is placed', () => {
  const served = new ServedRoutes()
  const find = () => served.candidates(client, listener).plain?.id
  served.applyService({ op: 'put', row: serviceRow('s') })
  served.applyRoute({ op: 'put', row: routeRow('r', 's') })
  expect(find()).toBeUndefined()
  served.place('r')
  expect(find()).toBe('r')
  served.applyService({ op: 'put', row: serviceRow('s', { enabled: false }) })
  served.place('r')
  expect(find()).toBeUndefined()
  served.applyRoute({
    op: 'put',
    row: routeRow('t', null, { protocols: ['tls'], sources: null, snis: ['a'] }),
  })
  served.place('t')
  expect(served.matchTls(client, listener, 'a')?.id).toBe('t')
})

test('services are found by their hosts while they are enabled, the oldest first', () => {
  const served = new ServedRoutes()
  const put = (id: string, created_at: number, more = {}) => {
    served.applyService({
      op: 'put',
      row: { ...serviceRow(id, { host: 'up', ...more }), created_at },
    })
  }
  const found = () => served.servicesAt('up').map(({ id }) => id)
  put('young', 2)
  put('b', 1)
  put('a', 1)
  expect(found()).toEqual(['a', 'b', 'young'])
  put('a', 1, { enabled: false })
  put('b', 1, { host: 'elsewhere' })
  expect(found()).toEqual(['young'])
  served.applyService({ op: 'delete', id: 'young' })
  expect(found()).toEqual([])
})
