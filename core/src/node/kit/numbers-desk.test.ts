import { expect, test } from 'vitest'
import type { Numbers } from '../../store/numbers.ts'
import { countedNumbers } from './kit.fixture.ts'
import type { NumberAsk } from './messages.ts'
import { NumbersDesk } from './numbers-desk.ts'

const until = 1000
const clock = { now: () => 0 }
const add = (amount: number, limit = 1_000_000, key = 'k'): NumberAsk => ({
  instance: 'i',
  key,
  sum: { amount, limit, until },
})
const look: NumberAsk = { instance: 'i', key: 'k' }

async function make() {
  const { numbers, asked } = await countedNumbers()
  return { numbers, asked, desk: new NumbersDesk(numbers, clock) }
}

test('additions to one number that come together are one statement, each with its own total', async () => {
  const { desk, asked } = await make()
  const answers = await desk.ask([add(2), add(3), add(-1), add(4)])
  expect(answers.map((answer) => 'total' in answer && answer.total)).toEqual([2, 5, 4, 8])
  expect(asked).toEqual({ adds: 1, reads: 0 })
})

test('they are decided one after the other, as if each had come alone', async () => {
  const { desk } = await make()
  await desk.ask([add(4, 10)])
  const answers = await desk.ask([
    add(5, 10),
    add(5, 10),
    add(1, 10),
    add(-3, 10),
    add(3, 10),
    add(1, 10),
    look,
  ])
  expect(answers).toEqual([
    { added: true, total: 9 },
    { added: false, total: 9 },
    { added: true, total: 10 },
    { added: true, total: 7 },
    { added: true, total: 10 },
    { added: false, total: 10 },
    { added: false, total: 10 },
  ])
})

test('a thousand that come while the store is at work are few statements', async () => {
  const { desk, asked } = await make()
  const first = desk.ask([add(1, 300)])
  const rest = Array.from({ length: 1000 }, () => desk.ask([add(1, 300)]))
  const answers = (await Promise.all([first, ...rest])).flat()
  expect(answers.filter((answer) => 'added' in answer && answer.added)).toHaveLength(300)
  expect(asked.adds + asked.reads).toBeLessThan(6)
})

test('what no number could take is refused after a look, unless it was below zero', async () => {
  const { desk, asked } = await make()
  expect(await desk.ask([add(8, 5)])).toEqual([{ added: false, total: 0 }])
  expect(asked).toEqual({ adds: 0, reads: 1 })
  await desk.ask([add(-4)])
  expect(await desk.ask([add(8, 5)])).toEqual([{ added: true, total: 4 }])
})

test('many numbers at once are one statement', async () => {
  const { desk, asked } = await make()
  await desk.ask(Array.from({ length: 200 }, (_, i) => add(1, 5, `k${i}`)))
  expect(asked).toEqual({ adds: 1, reads: 0 })
})

test('a store that is away is told to all who wait, and asked anew by the next', async () => {
  const { numbers } = await make()
  const { promise, reject } = Promise.withResolvers<never>()
  let away = true
  const desk = new NumbersDesk(
    { ...numbers, add: (...args) => (away ? promise : numbers.add(...args)) } satisfies Numbers,
    clock,
  )
  const waiting = [desk.ask([add(1)]), desk.ask([add(1)])]
  away = false
  reject(new Error('the database is away'))
  for (const each of waiting) expect(await each).toEqual([{ error: 'the database is away' }])
  expect(await desk.ask([add(1)])).toEqual([{ added: true, total: 1 }])
})

test('a number that others change all the time is given up at last', async () => {
  const { numbers } = await make()
  const stubborn = { ...numbers, add: async () => [undefined], read: async () => [0] }
  const desk = new NumbersDesk(stubborn, clock)
  expect(await desk.ask([add(1)])).toEqual([
    { error: 'others change the same numbers all the time' },
  ])
})
