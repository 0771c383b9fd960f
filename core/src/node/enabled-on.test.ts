import { expect, test } from 'vitest'
import { EntitySet } from '../entities/entity-set.ts'
import { pluginRow, routeRow, serviceRow } from '../gateway/rows.fixture.ts'
import { enabledOn } from './enabled-on.ts'

test('the places where a plugin is enabled, by their names', () => {
  const set = EntitySet.empty()
  const [s, r] = [{ service: { id: 's' } }, { route: { id: 'r' } }]
  set.apply([
    { op: 'put', entity: 'services', row: serviceRow('s', { name: 'echo' }) },
    { op: 'put', entity: 'routes', row: routeRow('r', 's', { name: null }) },
    { op: 'put', entity: 'plugins', row: pluginRow('p1', 'guard') },
    { op: 'put', entity: 'plugins', row: pluginRow('p2', 'guard', s) },
    { op: 'put', entity: 'plugins', row: pluginRow('p3', 'guard', r) },
    { op: 'put', entity: 'plugins', row: pluginRow('p4', 'guard', { ...s, ...r }) },
    { op: 'put', entity: 'plugins', row: pluginRow('p5', 'guard', { enabled: false }) },
    { op: 'put', entity: 'plugins', row: pluginRow('p6', 'other') },
  ])
  expect(enabledOn(set, 'guard')).toEqual([
    'global',
    'service echo',
    'route r',
    'route r, service echo',
  ])
  expect(enabledOn(set, 'absent')).toEqual([])
})
