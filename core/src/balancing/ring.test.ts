import { expect, test } from 'vitest'
import { hashText } from './hash.ts'
import { peersOf } from './pools.fixture.ts'
import { Ring } from './ring.ts'
import type { Peer } from './peer.ts'

const keys = Array.from({ length: 40_000 }, (_, index) => hashText(`key ${index}`))

function owners(peers: readonly Peer[], slots = 10_000): (string | undefined)[] {
  const ring = Ring.of(peers, slots)
  return keys.map((key) => peers[ring.owner(ring.find(key))]?.key)
}

test.each([3, 10, 100])(
  'one of %i that goes takes about its share of the keys along, and no other',
  (count) => {
    const peers = peersOf(...Array<number>(count).fill(100))
    const before = owners(peers)
    const gone = peers[1]?.key
    const after = owners(peers.filter(({ key }) => key !== gone))
    const moved = before.filter((owner, index) => owner !== after[index])
    expect(moved.every((owner) => owner === gone)).toBe(true)
    const share = keys.length / count
    expect(Math.abs(moved.length - share) / share).toBeLessThan(0.25)
  },
)

test('the order of the peers means nothing', () => {
  const peers = peersOf(100, 50, 200, 100)
  expect(owners(peers.toReversed())).toEqual(owners(peers))
})

test('more slots deal the weights out more finely', () => {
  const peers = peersOf(...Array<number>(10).fill(100))
  const worst = (slots: number): number => {
    const found = owners(peers, slots)
    const counts = peers.map(({ key }) => found.filter((owner) => owner === key).length)
    return Math.max(...counts.map((count) => Math.abs(count - 4000) / 4000))
  }
  expect(worst(65_536)).toBeLessThan(0.1)
  expect(worst(65_536)).toBeLessThan(worst(10))
})

test('points that are left out leave the other keys where they are', () => {
  const peers = peersOf(100, 100, 300, 100)
  const ring = Ring.of(peers, 10_000)
  const rest = ring.only((index) => index !== 2)
  for (const key of keys) {
    const owner = ring.owner(ring.find(key))
    if (owner !== 2) expect(rest.owner(rest.find(key))).toBe(owner)
    else expect(rest.owner(rest.find(key))).not.toBe(2)
  }
})

test('behind the last point the first one follows', () => {
  const ring = Ring.of(peersOf(1, 1), 10)
  expect(ring.find(2 ** 32 - 1)).toBe(0)
  expect(ring.owner(ring.size)).toBe(ring.owner(0))
})
