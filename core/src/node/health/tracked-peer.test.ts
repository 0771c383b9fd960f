import { expect, test } from 'vitest'
import { withMark } from '../../entities/plan-mark.ts'
import { world } from '../../entities/plan.fixture.ts'
import type { TargetRow } from '../../entities/rows.ts'
import { TrackedPeer } from './tracked-peer.ts'

const name = '10.0.0.1:80'

function owned(...weights: readonly number[]) {
  const { set, create } = world()
  const upstream = { id: String(create('upstreams', { name: 'pool.test' })['id']) }
  const peer = new TrackedPeer(name)
  const own = (row: TargetRow, weight: number) => {
    const address = { peer: name, ip: '10.0.0.1', port: 80, weight, host: row.target }
    peer.owners.set(row.id, { row, address })
  }
  const rows = weights.map((weight, index) => {
    create('targets', { target: `${index}.test:80`, weight, upstream })
    const row = set.children('targets', 'upstream', upstream.id).at(-1)
    if (!row) throw new Error('no target')
    own(row, weight)
    return row
  })
  return { peer, rows, own }
}

test('it weighs something as long as any target would send connections there', () => {
  expect(owned(0, 5).peer.weighs).toBe(true)
  expect(owned(0, 0).peer.weighs).toBe(false)
  expect(owned(1, 1).peer.targets).toEqual(['0.test:80', '1.test:80'])
})

test('of several words the one against it counts', () => {
  const { peer, rows, own } = owned(1, 1)
  const [first, second] = rows
  if (!first || !second) throw new Error('no targets')
  expect(peer.mark).toBeUndefined()
  own(withMark(first, { healthy: true }), 1)
  expect(peer.mark).toBe(true)
  own(withMark(second, { address: name, healthy: false }), 1)
  expect(peer.mark).toBe(false)
  own(withMark(second, { address: '10.0.0.9:80', healthy: false }), 1)
  expect(peer.mark).toBe(true)
})

test('what workers are told of it', () => {
  const { peer } = owned(1)
  expect(peer.tell()).toEqual({ peer: name, available: true })
  expect([peer.settle(true, 1), peer.settle(false, 2), peer.settle(false, 3)]).toEqual([
    false,
    true,
    false,
  ])
  expect(peer.tell()).toEqual({ peer: name, available: false })
  peer.settle(true, 4)
  expect(peer.tell()).toEqual({ peer: name, available: true, recovered: 4 })
})
