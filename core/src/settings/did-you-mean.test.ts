import { expect, test } from 'vitest'
import { suggest } from './did-you-mean.ts'

test.each([
  ['strat', 'start'],
  ['stp', 'stop'],
  ['plugin', 'plugins'],
  ['start', 'start'],
  ['wholly-different', undefined],
  ['', undefined],
])('%j means %j', (word, meant) => {
  expect(suggest(word, ['start', 'stop', 'plugins'])).toBe(meant)
})
