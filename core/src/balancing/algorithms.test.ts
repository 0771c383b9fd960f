import { expect, test } from 'vitest'
import { pickerOf } from './algorithms.ts'
import { around, askOf, chanceOf, peersOf } from './pools.fixture.ts'
import type { Peer } from './peer.ts'
import type { Picker } from './picker.ts'
import { hashText } from './hash.ts'

const names = [
  'round-robin',
  'least-connections',
  'consistent-hashing',
  'latency',
  'random-two-choices',
]

function pickerFor(algorithm: string, peers: readonly Peer[], seed = 42): Picker {
  const picker = pickerOf({ algorithm, slots: 10_000 }, around({ random: chanceOf(seed) }))
  picker.use({ all: peers, available: peers.filter(({ available }) => available) })
  return picker
}

/** How often each is picked, by connections with keys of their own that end at once, or stay. */
function counts(picker: Picker, peers: readonly Peer[], times: number, stays: boolean): number[] {
  const picked = new Map<Peer, number>()
  for (let time = 0; time < times; time++) {
    const peer = picker.pick(askOf(hashText(`client ${time}`))) ?? expect.fail('nobody was picked')
    picked.set(peer, (picked.get(peer) ?? 0) + 1)
    if (!stays) continue
    peer.own += 1
    picker.moved?.(peer)
  }
  return peers.map((peer) => picked.get(peer) ?? 0)
}

test.each(names.flatMap((name) => [[name, false] as const, [name, true] as const]))(
  '%s picks by the weights (connections stay: %s)',
  (name, stays) => {
    const weights = [100, 100, 200, 400, 50, 150]
    const peers = peersOf(...weights)
    const times = 20_000
    const found = counts(pickerFor(name, peers), peers, times, stays)
    for (const [index, weight] of weights.entries()) {
      const share = (times * weight) / 1000
      expect(Math.abs((found[index] ?? 0) - share) / share).toBeLessThan(0.12)
    }
  },
)

test.each(names)('%s passes over those that were tried, until all were', (name) => {
  const peers = peersOf(65_535, 1, 1, 1)
  const picker = pickerFor(name, peers)
  const tried: Peer[] = []
  for (const _ of peers) {
    const peer = picker.pick(askOf(7, ...tried)) ?? expect.fail('one is left')
    expect(tried).not.toContain(peer)
    tried.push(peer)
  }
  expect(picker.pick(askOf(7, ...tried))).toBeUndefined()
})

test.each(names)('%s picks none that takes no connections, and it again when it does', (name) => {
  const peers = peersOf(100, 100, 100)
  const [first] = peers
  first!.available = false
  const picker = pickerFor(name, peers)
  expect(counts(picker, peers, 300, false)[0]).toBe(0)
  picker.use({ all: peers, available: peers })
  expect(counts(picker, peers, 300, false)[0]).toBeGreaterThan(0)
})

test.each(names)('%s gives a peer in its slow start a part of its share', (name) => {
  const peers = peersOf(100, 100, 100, 100)
  const [first] = peers
  // A tenth of its slow start is over.
  first!.heal({ available: true, recovered: 999_000 }, 10_000)
  const [slow = 0] = counts(pickerFor(name, peers), peers, 10_000, true)
  expect(slow).toBeGreaterThan(100)
  expect(slow).toBeLessThan(700)
})

test.each(names)('%s works when all peers are in their slow start', (name) => {
  const peers = peersOf(...Array<number>(40).fill(100))
  for (const peer of peers) peer.heal({ available: true, recovered: 1_000_000 }, 10_000)
  const found = counts(pickerFor(name, peers), peers, 2000, true)
  expect(Math.min(...found)).toBeGreaterThan(0)
})

test('nothing said is round robin; a word that means nothing is a fault', () => {
  const peers = peersOf(1, 1)
  const picker = pickerOf({ algorithm: null, slots: null }, around())
  picker.use({ all: peers, available: peers })
  expect(counts(picker, peers, 10, false)).toEqual([5, 5])
  expect(() => pickerOf({ algorithm: 'chance', slots: null }, around())).toThrow('chance')
})
