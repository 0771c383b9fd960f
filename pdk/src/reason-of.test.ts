import { expect, test } from 'vitest'
import { reasonOf } from './reason-of.ts'

test.each([
  [new Error('refused'), 'refused'],
  ['refused', 'refused'],
  [
    new AggregateError([new Error('::1 refuses'), new Error('1 refuses')]),
    '::1 refuses; 1 refuses',
  ],
  [new AggregateError([new Error('::1 refuses')], 'all refuse'), 'all refuse'],
])('%o: %s', (error, reason) => {
  expect(reasonOf(error)).toBe(reason)
})
