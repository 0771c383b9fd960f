import { expect, test } from 'vitest'
import { EntitySet } from '../entities/entity-set.ts'
import { awayWarning } from './away-warning.ts'

test('a store that is away is told of, with the revision that is served meanwhile', () => {
  const snapshot = { ...EntitySet.empty().snapshot(), revision: 7 }
  expect(awayWarning(snapshot, { reachable: false, error: 'no answer' })).toEqual([
    'no answer; revision 7 of the configuration is served, the last that this node has seen',
  ])
  expect(awayWarning(snapshot, { reachable: true })).toEqual([])
  expect(awayWarning(snapshot, undefined)).toEqual([])
})
