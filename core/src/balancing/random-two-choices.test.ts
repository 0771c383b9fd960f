import { expect, test } from 'vitest'
import { around, askOf, peersOf } from './pools.fixture.ts'
import { RandomTwoChoices } from './random-two-choices.ts'

test('of two, the one with fewer connections against its weight is picked, wherever they live', () => {
  const [a, b] = peersOf(100, 200)
  const picker = new RandomTwoChoices(around())
  picker.use({ all: [a!, b!], available: [a!, b!] })
  a!.own = 2
  b!.others = 3
  for (let time = 0; time < 20; time++) expect(picker.pick(askOf())).toBe(b)
  b!.own = 2
  for (let time = 0; time < 20; time++) expect(picker.pick(askOf())).toBe(a)
  expect(picker.rank(askOf(), b!)).toEqual([b, a])
})
