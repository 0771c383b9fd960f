import { expect, test } from 'vitest'
import { EntitySet } from '../entities/entity-set.ts'
import type { Change } from '../entities/rows.ts'
import { everyRow } from '../entities/differences.ts'
import { applyTo, idOf, latest } from './changes.ts'
import { routeRow, serviceRow } from './rows.fixture.ts'

const put = (id: string, port: number): Change => ({
  op: 'put',
  entity: 'services',
  row: serviceRow(id, { port }),
})
const gone = (id: string): Change => ({ op: 'delete', entity: 'services', id })

test('only the last word on a row counts; rows of other entities keep theirs', () => {
  const route: Change = { op: 'put', entity: 'routes', row: routeRow('a', null) }
  expect(latest([put('a', 1), route, put('b', 1), put('a', 2)])).toEqual([
    put('a', 2),
    route,
    put('b', 1),
  ])
  expect(latest([put('a', 1), gone('a')])).toEqual([gone('a')])
})

test('changes without repetition are left as they are', () => {
  const changes = [put('a', 1), gone('b')]
  expect(latest(changes)).toBe(changes)
  expect(changes.map(idOf)).toEqual(['a', 'b'])
})

test('a map of rows follows', () => {
  const rows = new Map<string, { id: string }>()
  applyTo(rows, { op: 'put', row: { id: 'a' } })
  expect([...rows.keys()]).toEqual(['a'])
  applyTo(rows, { op: 'delete', id: 'a' })
  expect(rows.size).toBe(0)
})

test('a snapshot is what its changes make', () => {
  const rows = {
    ...EntitySet.empty().snapshot().rows,
    services: [serviceRow('s')],
    routes: [routeRow('r', 's')],
  }
  expect(everyRow(rows).map((change) => [change.entity, idOf(change)])).toEqual([
    ['services', 's'],
    ['routes', 'r'],
  ])
})
