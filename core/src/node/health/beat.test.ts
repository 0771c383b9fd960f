import { expect, test } from 'vitest'
import { fakeClock } from '../../balancing/dns/clock.fixture.ts'
import { Beat } from './beat.ts'

function beating(start: { interval: number; random?: number; jitter?: number }) {
  const clock = fakeClock()
  const at: number[] = []
  const state = { random: 0.5, jitter: 0, took: 0, ...start }
  const beat = new Beat({
    clock,
    random: () => state.random,
    interval: () => state.interval,
    jitter: () => state.jitter,
    async look() {
      at.push(clock.now())
      if (state.took > 0) await new Promise<void>((resolve) => clock.after(state.took, resolve))
    },
  })
  const pass = async (milliseconds: number, step = 10) => {
    for (let passed = 0; passed < milliseconds; passed += step) {
      clock.pass(step)
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  return { clock, at, state, beat, pass }
}

test('the first look is at random within the interval, the next ones are an interval apart', async () => {
  const { at, pass } = beating({ interval: 100, random: 0.3 })
  await pass(250)
  expect(at).toEqual([30, 130, 230])
})

test.each([
  [0, 90],
  [0.5, 100],
  [1, 110],
])('at %d of chance and a tenth of jitter, looks are %i apart', async (random, apart) => {
  const { at, pass } = beating({ interval: 100, random, jitter: 0.1 })
  await pass(400)
  expect((at[2] ?? 0) - (at[1] ?? 0)).toBe(apart)
})

test('a look that takes longer than the interval is followed by the next one at once, not by two', async () => {
  const { at, pass, state } = beating({ interval: 100, random: 0 })
  state.took = 250
  await pass(760)
  expect(at).toEqual([0, 250, 500, 750])
})

test('an interval that changes is waited for anew; one of 0 ends the looks until there is another', async () => {
  const { at, pass, state, beat, clock } = beating({ interval: 1000, random: 0.5 })
  await pass(100)
  beat.changed()
  state.interval = 50
  beat.changed()
  await pass(120)
  expect(at).toEqual([150, 200])
  state.interval = 0
  beat.changed()
  await pass(500)
  expect([at.length, clock.waiting()]).toEqual([2, 0])
  state.interval = 100
  beat.changed()
  await pass(100)
  expect(at[2]).toBe(770)
})

test('when it is closed during a look there is no other', async () => {
  const { at, pass, state, beat, clock } = beating({ interval: 100, random: 0 })
  state.took = 50
  await pass(20)
  beat.close()
  beat.changed()
  await pass(300)
  expect([at.length, clock.waiting()]).toEqual([1, 0])
})
