import { expect, test } from 'vitest'
import { markOf, isMarked, planMark } from './plan-mark.ts'
import type { Mark } from './plan-mark.ts'
import { world } from './plan.fixture.ts'
import type { TargetRow } from './rows.ts'

function marking() {
  const all = world()
  const upstream = all.create('upstreams', { name: 'pool.test' })
  const { id } = all.create('targets', { target: 'a.test:80', upstream: { id: upstream['id'] } })
  const row = (): TargetRow => {
    const found = all.set.get('targets', String(id))
    if (found === undefined) throw new Error('the target is gone')
    return found
  }
  const mark = (said: Mark): number => {
    const { changes, result } = planMark(all.set, String(id), said)
    expect(result).toBe(true)
    all.set.apply(changes)
    return changes.length
  }
  const said = (...addresses: string[]) => addresses.map((address) => markOf(row(), address))
  return { ...all, row, mark, said }
}

test('a mark is of one address, or of all without one of their own', () => {
  const { mark, said, row } = marking()
  expect(said('10.0.0.1:80')).toEqual([undefined])
  expect(isMarked(row())).toBe(false)
  mark({ address: '10.0.0.1:80', healthy: false })
  expect(said('10.0.0.1:80', '10.0.0.2:80', '10.0.0.1:81')).toEqual([false, undefined, undefined])
  mark({ address: '10.0.0.2:80', healthy: true })
  expect(said('10.0.0.1:80', '10.0.0.2:80')).toEqual([false, true])
  expect(isMarked(row())).toBe(true)

  mark({ healthy: true })
  expect(said('10.0.0.1:80', '10.0.0.9:80')).toEqual([true, true])
  mark({ address: '10.0.0.1:80', healthy: false })
  expect(said('10.0.0.1:80', '10.0.0.9:80')).toEqual([false, true])

  mark({ address: '10.0.0.1:80', healthy: undefined })
  expect(said('10.0.0.1:80')).toEqual([true])
  mark({ healthy: undefined })
  expect(isMarked(row())).toBe(false)
  expect(row()).not.toHaveProperty('marks')
})

test('one address is the same however it is written', () => {
  const { mark, said } = marking()
  mark({ address: '[::1]:80', healthy: false })
  expect(said('[0:0:0:0:0:0:0:1]:80', '[::2]:80')).toEqual([false, undefined])
})

test('what was said already is no change', () => {
  const { mark } = marking()
  const said = { address: '10.0.0.1:80', healthy: false }
  expect([
    mark(said),
    mark(said),
    mark({ healthy: undefined }),
    mark({ healthy: undefined }),
  ]).toEqual([1, 0, 1, 0])
})

test('a target that is gone takes no mark', () => {
  const { set } = marking()
  expect(planMark(set, 'nobody', { healthy: true })).toEqual({ changes: [], result: false })
})
