import { expect, test } from 'vitest'
import { Elsewhere } from './elsewhere.ts'

test('others have what all have told without what was told here, until it comes back', () => {
  const elsewhere = new Elsewhere()
  const part = (until: number, amount: number) => ({ until, amount })
  expect([elsewhere.out(0), elsewhere.next()]).toEqual([0, Infinity])
  elsewhere.learn({ told: [part(10, 3)], heard: [part(10, 5), part(20, 1)] })
  expect([elsewhere.out(9), elsewhere.next()]).toEqual([3, 10])
  // Another worker of the node had heard of less, and had told before.
  elsewhere.learn({ told: [part(10, 1)], heard: [part(10, 4)] })
  expect(elsewhere.out(9)).toBe(2)
  elsewhere.learn({ told: [part(10, 9), part(20, 2)], heard: [] })
  expect([elsewhere.out(9), elsewhere.next()]).toEqual([0, Infinity])
  elsewhere.learn({ told: [], heard: [part(20, 7)] })
  expect([elsewhere.out(19), elsewhere.out(20)]).toEqual([5, 0])
})
