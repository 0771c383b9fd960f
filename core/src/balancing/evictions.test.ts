import { expect, test } from 'vitest'
import { Evictions } from './evictions.ts'
import { peersOf } from './pools.fixture.ts'

function world(connections: number) {
  const [peer] = peersOf(1)
  const ended: number[] = []
  const evictions = Array.from({ length: connections }, (_, index) => () => {
    ended.push(index)
    peer!.evictions.delete(evictions[index]!)
  })
  for (const each of evictions) peer!.evictions.add(each)
  const timers: { milliseconds: number; call: () => void }[] = []
  const closing = new Evictions((milliseconds, call) => {
    const timer = { milliseconds, call }
    timers.push(timer)
    return () => void timers.splice(timers.indexOf(timer), 1)
  })
  const step = () => timers.shift()?.call()
  return { peer: peer!, ended, evictions, closing, timers, step }
}

test('ends are spread over the window', () => {
  const { peer, ended, closing, timers, step } = world(10)
  closing.begin(peer, 1000)
  expect(ended).toHaveLength(1)
  expect(timers[0]?.milliseconds).toBe(100)
  for (let time = 0; time < 4; time++) step()
  expect(ended).toHaveLength(5)
  for (let time = 0; time < 6; time++) step()
  expect(ended).toHaveLength(10)
  expect(timers).toHaveLength(0)
})

test('many have steps that a timer can keep; without a window all end at once', () => {
  const many = world(1000)
  many.closing.begin(many.peer, 100)
  expect(many.ended).toHaveLength(200)
  expect(many.timers[0]?.milliseconds).toBe(20)
  const some = world(10)
  some.closing.begin(some.peer, 0)
  expect(some.ended).toHaveLength(10)
})

test('what has ended by itself is left alone, and so is all once the peer is well again', () => {
  const { peer, ended, evictions, closing, timers, step } = world(4)
  closing.begin(peer, 1000)
  peer.evictions.delete(evictions[1]!)
  step()
  expect(ended).toEqual([0])
  closing.stop(peer)
  expect(timers).toHaveLength(0)
})
