import { expect, test } from 'vitest'
import { around, askOf, peersOf } from './pools.fixture.ts'
import { RoundRobin } from './round-robin.ts'

test('workers begin at different turns, and go round alike', () => {
  const peers = peersOf(1, 1, 1, 1)
  const order = (random: number): string => {
    const picker = new RoundRobin(around({ random: () => random }))
    picker.use({ all: peers, available: peers })
    return Array.from({ length: 4 }, () => peers.indexOf(picker.pick(askOf())!)).join('')
  }
  expect([order(0), order(0.3), order(0.9)]).toEqual(['1230', '2301', '0123'])
})

test('weights whose round is too long are kept all the same', () => {
  const peers = peersOf(65_535, 65_534, 1)
  const picker = new RoundRobin(around())
  picker.use({ all: peers, available: peers })
  const picked = Array.from({ length: 1000 }, () => picker.pick(askOf()))
  const [a, b] = peers.map((peer) => picked.filter((each) => each === peer).length)
  expect(Math.abs(a! - b!)).toBeLessThan(6)
})
