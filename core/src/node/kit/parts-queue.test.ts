import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { LocalShared, ManualClock } from '@kong-ts/pdk/testing'
import type { Numbers } from '../../store/numbers.ts'
import { countedNumbers } from './kit.fixture.ts'
import type { NumberAsk } from './messages.ts'
import { NumbersDesk } from './numbers-desk.ts'

const after = 1000
const add = (amount: number, limit = 1_000_000, key = 'k'): NumberAsk => ({
  instance: 'i',
  key,
  passing: { sum: { amount, limit, after } },
})
const look: NumberAsk = { instance: 'i', key: 'k', passing: {} }

async function make() {
  const clock = new ManualClock(0)
  const { numbers } = await countedNumbers()
  return { clock, numbers, desk: new NumbersDesk(numbers, clock) }
}

test('what was added leaves after its time, and not before', async () => {
  const { clock, desk } = await make()
  expect(await desk.ask([add(3, 5), add(3, 5), add(2, 5)])).toEqual([
    { added: true, total: 3 },
    { added: false, total: 3 },
    { added: true, total: 5 },
  ])
  clock.advance(999)
  expect(await desk.ask([add(1, 5), look])).toEqual([
    { added: false, total: 5 },
    { added: false, total: 5, parts: [{ until: 1000, amount: 5 }] },
  ])
  clock.advance(1)
  expect(await desk.ask([add(5, 5), add(-2), look])).toEqual([
    { added: true, total: 5 },
    { added: true, total: 3 },
    { added: false, total: 3, parts: [{ until: 2000, amount: 3 }] },
  ])
})

test('it is apart from the number of the same key that stays', async () => {
  const { desk } = await make()
  const stays = { instance: 'i', key: 'k', sum: { amount: 7, limit: 9, until: 5000 } }
  expect(await desk.ask([stays, add(1, 5)])).toEqual([
    { added: true, total: 7 },
    { added: true, total: 1 },
  ])
})

test('two nodes that count at the same time admit exactly what fits', async () => {
  const { clock, numbers, desk } = await make()
  const other = new NumbersDesk(numbers, clock)
  const answers = await Promise.all(
    Array.from({ length: 400 }, (_, i) => (i % 2 === 0 ? desk : other).ask([add(1, 250)])),
  )
  expect(answers.flat().filter((answer) => 'added' in answer && answer.added)).toHaveLength(250)
})

test('who can never replace what others replace gives up at last', async () => {
  const { clock, numbers } = await make()
  const stubborn: Numbers = { ...numbers, swap: async (swaps) => swaps.map(() => false) }
  expect(await new NumbersDesk(stubborn, clock).ask([add(1), look])).toEqual(
    Array.from({ length: 2 }, () => ({ error: 'others change the same numbers all the time' })),
  )
})

/** Milliseconds to let pass, or an amount and a limit. */
const anyStep = fc.oneof(
  fc.record({ pass: fc.integer({ min: 0, max: 700 }) }),
  fc.record({
    amount: fc.integer({ min: -3, max: 6 }),
    limit: fc.integer({ min: 0, max: 12 }),
    after: fc.constant(after),
  }),
)

test('a database and the test kit count alike', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyStep, { maxLength: 25 }), async (steps) => {
      const { clock, desk } = await make()
      const shared = new LocalShared(clock)
      for (const step of steps) {
        if ('pass' in step) clock.advance(step.pass)
        else {
          const asked = { instance: 'i', key: 'k', passing: { sum: step } }
          expect(await desk.ask([asked])).toEqual([await shared.add('k', step.amount, step)])
        }
      }
    }),
    { numRuns: 60 },
  )
})
