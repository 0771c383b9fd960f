import { expect, test } from 'vitest'
import { differences, everyRow, inverse } from './differences.ts'
import { EntitySet } from './entity-set.ts'
import { world } from './plan.fixture.ts'
import type { Snapshot } from './rows.ts'

type Rows = Snapshot['rows']

/** A configuration before and after services were changed, made and deleted, and a route was added. */
function states(): { readonly before: Rows; readonly after: Rows } {
  const { set, create, patch, remove } = world()
  const to = (name: string) => ({ name, host: 'h', port: 1, protocol: 'tcp' })
  for (const name of ['a', 'b', 'same']) create('services', to(name))
  const before = set.snapshot().rows
  patch('services', 'a', { port: 2 })
  remove('services', set.find('services', 'b')?.id ?? '')
  create('services', to('c'))
  create('routes', { protocols: ['tls'], snis: ['n.example'] })
  return { before, after: set.snapshot().rows }
}

function setOf(rows: Rows): EntitySet {
  const set = EntitySet.empty()
  set.apply(everyRow(rows))
  return set
}

test('the differences lead from one to the other, and say nothing of what is equal', () => {
  const { before, after } = states()
  const changes = differences(before, structuredClone(after))
  expect(changes).toHaveLength(4)
  const set = setOf(before)
  set.apply(changes)
  expect(set.snapshot().rows).toEqual(after)
  expect(differences(after, structuredClone(after))).toEqual([])
})

test('the inverse takes changes back', () => {
  const { before, after } = states()
  const set = setOf(before)
  const changes = differences(before, after)
  const undo = inverse(set, [...changes, ...changes])
  set.apply(changes)
  expect(set.snapshot().rows).toEqual(after)
  set.apply(undo)
  expect(set.snapshot().rows).toEqual(before)
})
