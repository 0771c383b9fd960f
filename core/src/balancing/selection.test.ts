import { expect, test } from 'vitest'
import type { Peer } from './peer.ts'
import type { Candidates } from './picker.ts'
import { around, askOf, peersOf } from './pools.fixture.ts'
import { RoundRobin } from './round-robin.ts'
import { Selection } from './selection.ts'

const byKey = (peers: readonly Peer[]) => new Map(peers.map((peer) => [peer.key, peer]))

test('nobody is picked where nobody has a weight, too little is healthy, or all have failed', () => {
  const [drained, a, b] = peersOf(0, 100, 300)
  const selection = new Selection(new RoundRobin(around()))
  expect(selection.pick(askOf())).toBe('none')
  selection.arrange(byKey([drained!]), 0)
  expect(selection.pick(askOf())).toBe('none')
  const all = byKey([drained!, a!, b!])
  b!.available = false
  selection.arrange(all, 24)
  expect(selection.pick(askOf())).toBe(a)
  expect(selection.pick(askOf(undefined, a!))).toBe('tried')
  selection.arrange(all, 25)
  expect(selection.pick(askOf())).toBe('unhealthy')
  expect(selection.find(drained!.key)).toBe(drained)
})

test('a change of health alone leaves the list of all peers the same one', () => {
  const peers = peersOf(100, 100)
  const used: Candidates[] = []
  const picker = { use: (each: Candidates) => void used.push(each), pick: () => undefined }
  const selection = new Selection(picker)
  selection.arrange(byKey(peers), 0)
  peers[0]!.available = false
  selection.arrange(byKey(peers), 0)
  peers[1]!.move({ ...peers[1]!.place, weight: 50 })
  selection.arrange(byKey(peers), 0)
  const [first, second, third] = used
  expect(second?.all).toBe(first?.all)
  expect(second?.available).toEqual([peers[1]])
  expect(third?.all).not.toBe(first?.all)
})

test('what is left is told from the picked one on, in turn', () => {
  const peers = peersOf(1, 1, 1, 1)
  const [a, b, c, d] = peers
  const selection = new Selection(new RoundRobin(around()))
  selection.arrange(byKey(peers), 0)
  expect(selection.rank(askOf(), c!)).toEqual([c, d, a, b])
  expect(selection.rank(askOf(undefined, d!), c!)).toEqual([c, a, b])
})
