import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { fits } from '@kong-ts/pdk/host'
import { countedNumbers } from './kit.fixture.ts'
import type { NumberAnswer, NumberAsk } from './messages.ts'
import { NumbersDesk } from './numbers-desk.ts'

/** A look, or an amount and a limit. */
type Step = readonly [amount: number, limit: number] | undefined

const anyStep: fc.Arbitrary<Step> = fc.option(
  fc.tuple(fc.integer({ min: -6, max: 9 }), fc.integer({ min: 0, max: 12 })),
  { nil: undefined, freq: 8 },
)

/** What each would be answered, were it alone. */
function oneByOne(steps: readonly Step[]): NumberAnswer[] {
  let number = 0
  return steps.map((step) => {
    const added = step !== undefined && fits(number, { amount: step[0], limit: step[1] })
    if (added) number += step[0]
    return { added, total: number }
  })
}

test('however they are gathered, additions come out as if each had come alone', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(anyStep, { maxLength: 12 }), { maxLength: 6 }),
      async (turns) => {
        const { numbers } = await countedNumbers()
        const desk = new NumbersDesk(numbers, { now: () => 0 })
        const asks = (steps: readonly Step[]): NumberAsk[] =>
          steps.map((step) => ({
            instance: 'i',
            key: 'k',
            ...(step && { sum: { amount: step[0], limit: step[1], until: 1000 } }),
          }))
        const answers = await Promise.all(turns.map((steps) => desk.ask(asks(steps))))
        expect(answers.flat()).toEqual(oneByOne(turns.flat()))
      },
    ),
    { numRuns: 60 },
  )
})
