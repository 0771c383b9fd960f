import { expect, test } from 'vitest'
import { LeastConnections } from './least-connections.ts'
import type { Peer } from './peer.ts'
import { around, askOf, chanceOf, peersOf } from './pools.fixture.ts'

function leastOf(peers: readonly Peer[]): LeastConnections {
  const picker = new LeastConnections(around())
  picker.use({ all: peers, available: peers })
  return picker
}

function load(picker: LeastConnections, peer: Peer | undefined, connections: number): void {
  if (!peer) return
  peer.own = connections
  picker.moved(peer)
}

test('connections of this worker and of others count, against the weight', () => {
  const [a, b, c] = peersOf(100, 200, 100)
  const picker = leastOf([a!, b!, c!])
  load(picker, a, 2)
  load(picker, b, 3)
  c!.others = 2
  picker.moved(c!)
  expect(picker.pick(askOf())).toBe(b)
  load(picker, b, 5)
  expect([a, c]).toContain(picker.pick(askOf()))
  c!.others = 3
  picker.moved(c!)
  expect(picker.pick(askOf())).toBe(a)
})

test('equal ones take turns, by their weights', () => {
  const [a, b] = peersOf(100, 300)
  const picker = leastOf([a!, b!])
  const picked = Array.from({ length: 40 }, () => picker.pick(askOf()))
  expect(picked.filter((peer) => peer === a)).toHaveLength(10)
})

test('whatever begins and ends, it is always one of those with the least', () => {
  const peers = peersOf(...Array.from({ length: 50 }, (_, index) => 1 + (index % 7)))
  const picker = leastOf(peers)
  const random = chanceOf(7)
  const rank = (peer: Peer) => peer.load / peer.weight
  for (let step = 0; step < 3000; step++) {
    const peer = peers[Math.floor(random() * peers.length)]
    load(picker, peer, Math.floor(random() * 10))
    const tried = peers.filter(() => random() < 0.1)
    const picked = picker.pick(askOf(undefined, ...tried)) ?? expect.fail('not all were tried')
    const left = peers.filter((each) => !tried.includes(each))
    expect(rank(picked)).toBe(Math.min(...left.map(rank)))
    const [first, ...others] = picker.rank(askOf(undefined, ...tried), picked)
    expect(first).toBe(picked)
    expect(others.map(rank)).toEqual(
      left
        .filter((each) => each !== picked)
        .map(rank)
        .toSorted((x, y) => x - y),
    )
  }
})

test('a new one does not have every connection until it has had as many as the others', () => {
  const peers = peersOf(100, 100, 100)
  const picker = leastOf(peers.slice(0, 2))
  for (let time = 0; time < 100; time++) picker.pick(askOf())
  picker.use({ all: peers, available: peers })
  const picked = Array.from({ length: 30 }, () => picker.pick(askOf()))
  for (const peer of peers) expect(picked.filter((each) => each === peer).length).toBeLessThan(13)
})
