import { expect, test } from 'vitest'
import { ConsistentHashing } from './consistent-hashing.ts'
import { mix } from './hash.ts'
import { around, askOf, peersOf } from './pools.fixture.ts'
import type { Peer } from './peer.ts'

const keys = Array.from({ length: 2000 }, (_, index) => mix(index + 1))

function hashing(peers: readonly Peer[]): ConsistentHashing {
  const picker = new ConsistentHashing(around(), 10_000)
  picker.use({ all: peers, available: peers })
  return picker
}

test('a peer that takes none leaves its keys to others, and has them back', () => {
  const peers = peersOf(100, 300, 100)
  const picker = hashing(peers)
  const owners = () => keys.map((key) => picker.pick(askOf(key)))
  const before = owners()
  picker.use({ all: peers, available: peers.slice(1) })
  for (const [index, owner] of owners().entries()) {
    if (before[index] === peers[0]) expect(owner).not.toBe(peers[0])
    else expect(owner).toBe(before[index])
  }
  picker.use({ all: peers, available: peers })
  expect(owners()).toEqual(before)
})

test('a retry goes on to the peer that would have the key without those that failed', () => {
  const peers = peersOf(100, 100, 100, 100)
  const picker = hashing(peers)
  for (const key of keys.slice(0, 100)) {
    const first = picker.pick(askOf(key)) ?? expect.fail('there are four')
    const second = picker.pick(askOf(key, first))
    expect(second).toBe(hashing(peers.filter((peer) => peer !== first)).pick(askOf(key)))
    expect(picker.rank(askOf(key), first).slice(0, 2)).toEqual([first, second])
    expect(new Set(picker.rank(askOf(key), first)).size).toBe(4)
  }
})

test('connections without a key take turns', () => {
  const peers = peersOf(100, 100, 100)
  const picker = hashing(peers)
  const picked = Array.from({ length: 30 }, () => picker.pick(askOf(undefined)))
  for (const peer of peers) expect(picked.filter((each) => each === peer)).toHaveLength(10)
})

test('in its slow start a peer gets its keys back for good, one after the other', () => {
  const peers = peersOf(100, 100)
  const [first] = peers
  let now = 0
  const picker = new ConsistentHashing(around({ now: () => now }), 10_000)
  picker.use({ all: peers, available: peers })
  const own = () => new Set(keys.filter((key) => picker.pick(askOf(key)) === first))
  const whole = own()
  first?.heal({ available: true, recovered: 0 }, 1000)
  now = 250
  const quarter = own()
  now = 500
  const half = own()
  expect(quarter.size).toBeGreaterThan(whole.size * 0.15)
  expect(half.size).toBeGreaterThan(quarter.size)
  expect([...quarter].every((key) => half.has(key))).toBe(true)
  now = 1000
  expect(own()).toEqual(whole)
})
