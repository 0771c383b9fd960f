import { expect, test } from 'vitest'
import { carryOver, sameWritten, withoutCarried } from './carried.ts'
import { planMark } from './plan-mark.ts'
import { errorOf, world } from './plan.fixture.ts'
import { present } from './present.ts'
import type { TargetRow } from './rows.ts'

const marks = { '*': false }

function marked() {
  const all = world()
  const upstream = { id: String(all.create('upstreams', { name: 'pool.test' })['id']) }
  const id = String(all.create('targets', { target: 'a.test:80', upstream })['id'])
  all.set.apply(planMark(all.set, id, { healthy: false }).changes)
  const row = (): TargetRow | undefined => all.set.get('targets', id)
  expect(row()).toMatchObject({ marks })
  return { ...all, id, upstream, row }
}

test('a row carries its own from one write to the next, and no client reads it', () => {
  const { patch, replace, id, upstream, row, set, context } = marked()
  expect(patch('targets', id, { weight: 5 })).not.toHaveProperty('marks')
  expect(row()).toMatchObject({ marks, weight: 5 })
  expect(replace('targets', id, { target: 'b.test', upstream })).not.toHaveProperty('marks')
  const now = row()
  expect(now).toMatchObject({ marks, target: 'b.test:8000' })
  expect(now && present(set, context, 'targets', now)).not.toHaveProperty('marks')
})

test('no client writes it', () => {
  const { create, patch, replace, id, upstream, row } = marked()
  const refusal = { fields: { marks: 'unknown field' } }
  expect(errorOf(() => patch('targets', id, { marks: {} }))).toMatchObject(refusal)
  const body = { target: 'c.test', upstream, marks }
  expect(errorOf(() => create('targets', body))).toMatchObject(refusal)
  expect(errorOf(() => replace('targets', id, body))).toMatchObject(refusal)
  expect(row()).toMatchObject({ marks })
})

test('it goes with the row', () => {
  const { create, remove, id, upstream, set } = marked()
  remove('targets', id)
  create('targets', { id, target: 'a.test:80', upstream })
  expect(set.get('targets', id)).not.toHaveProperty('marks')
})

test('it is told apart from what is written', () => {
  const { row } = marked()
  const now = row()
  if (now === undefined) throw new Error('no row')
  const { marks: _, ...bare } = now
  expect(withoutCarried('targets', now)).toEqual(bare)
  expect(sameWritten('targets', now, bare)).toBe(true)
  expect(sameWritten('targets', now, { ...now, updated_at: 1 })).toBe(false)
  expect([
    sameWritten('targets', now, undefined),
    sameWritten('targets', undefined, undefined),
  ]).toEqual([false, true])
  expect(carryOver('targets', undefined, now)).toEqual(bare)
  expect(carryOver('targets', now, bare)).toEqual(now)
})
