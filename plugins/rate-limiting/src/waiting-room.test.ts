import { LocalCounters, ManualClock } from '@kong-ts/pdk/testing'
import { expect, test } from 'vitest'
import { ManualTimers, settled } from './manual-timers.fixture.ts'
import { WaitingRoom } from './waiting-room.ts'

/** A room before a limiter with so many permits. */
function open(size = 3, timeout = 1000) {
  const timers = new ManualTimers()
  const counters = new LocalCounters(new ManualClock(0))
  const permits = { left: 0, asked: 0, isBroken: false }
  const limiter = {
    take: async (who: string) => {
      permits.asked += 1
      if (permits.isBroken) throw new Error(`away from ${who}`)
      if (permits.left === 0) return false
      permits.left -= 1
      return true
    },
  }
  const patience = () => 10
  const room = new WaitingRoom({
    limiter,
    counters,
    later: timers.later,
    size,
    timeout,
    patience,
  })
  const leaving: (() => void)[] = []
  const outcomes: (string | undefined)[] = []
  const enter = async (who = 'k') => {
    const place = outcomes.push(undefined) - 1
    const left = new Promise<void>((resolve) => leaving.push(resolve))
    const waiting = room.wait(who, () => left)
    waiting.then(
      (outcome) => (outcomes[place] = outcome),
      (error: unknown) => (outcomes[place] = String(error)),
    )
    await settled()
  }
  return { room, timers, counters, permits, leaving, outcomes, enter }
}

test('those who wait are let in in their order, as permits come', async () => {
  const { enter, timers, permits, outcomes, room, counters } = open()
  for (let i = 0; i < 3; i++) await enter()
  expect(room.isWaitedFor('k')).toBe(true)
  await timers.advance(100)
  expect(outcomes).toEqual([undefined, undefined, undefined])
  permits.left = 2
  await timers.advance(10)
  expect(outcomes).toEqual(['admitted', 'admitted', undefined])
  permits.left = 2
  await timers.advance(10)
  expect(outcomes).toEqual(['admitted', 'admitted', 'admitted'])
  expect([permits.left, room.isWaitedFor('k'), timers.size, counters.keys()]).toEqual([
    1,
    false,
    0,
    [],
  ])
})

test('a queue that is full; another key has its own', async () => {
  const { enter, outcomes } = open(1)
  for (const who of ['k', 'k', 'other']) await enter(who)
  expect(outcomes).toEqual([undefined, 'full', undefined])
})

test('who has waited long enough, or leaves, gives the place to another', async () => {
  const { enter, timers, leaving, outcomes, permits, room } = open(1, 100)
  await enter()
  await timers.advance(100)
  await enter()
  leaving[1]?.()
  await settled()
  expect(outcomes).toEqual(['late', 'left'])
  expect([room.isWaitedFor('k'), timers.size]).toEqual([false, 0])
  permits.left = 1
  await enter()
  await timers.advance(10)
  expect(outcomes).toEqual(['late', 'left', 'admitted'])
})

test('the permit of one that leaves while it is asked for is the next one’s', async () => {
  const { enter, timers, leaving, outcomes, permits } = open()
  await enter()
  await enter()
  permits.left = 1
  leaving[0]?.()
  await timers.advance(10)
  expect(outcomes).toEqual(['left', 'admitted'])
})

test('a limiter that fails is heard by who is first', async () => {
  const { enter, timers, outcomes, permits, room } = open()
  await enter()
  permits.isBroken = true
  await timers.advance(10)
  expect(outcomes).toEqual(['Error: away from k'])
  expect([room.isWaitedFor('k'), timers.size]).toEqual([false, 0])
})
