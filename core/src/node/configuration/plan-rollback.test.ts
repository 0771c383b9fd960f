import { expect, test } from 'vitest'
import { planMark } from '../../entities/plan-mark.ts'
import { planCreate, planPatch } from '../../entities/plan.ts'
import { testContext } from '../../entities/world.fixture.ts'
import { openRevisions } from './revisions.ts'
import { recordedNode } from './revisions.fixture.ts'

test('an operator’s word about a target is no part of what is brought back', async () => {
  const context = testContext()
  const node = await recordedNode(100)
  const revisions = openRevisions(node, context)
  const up = await node.write((set) => planCreate(set, context, 'upstreams', { name: 'p.test' }))
  const upstream = { id: String(up['id']) }
  const body = { target: 'a.test:80', weight: 1, upstream }
  const id = String((await node.write((set) => planCreate(set, context, 'targets', body)))['id'])
  const row = () => node.entities.get('targets', id)
  const before = row()
  await node.write((set) => planMark(set, id, { healthy: false }))
  // The mark alone is nothing to take back.
  expect(await revisions?.rollback(2, 'me')).toEqual({ revision: 3, changes: 0 })
  await node.write((set) => planPatch(set, context, 'targets', id, { weight: 2 }))
  expect(await revisions?.rollback(2, 'me')).toEqual({ revision: 5, changes: 1 })
  expect(row()).toEqual({ ...before, marks: { '*': false } })
  await node.write((set) => planMark(set, id, { healthy: undefined }))
  expect(await revisions?.rollback(4, 'me')).toMatchObject({ changes: 1 })
  expect(row()).toMatchObject({ weight: 2 })
  expect(row()).not.toHaveProperty('marks')
})
