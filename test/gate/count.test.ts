import { expect, test } from 'vitest'

import { closingLine, count } from './count.ts'

test('counts what passed, failed and was skipped', () => {
  const counts = count(
    [
      { states: ['passed', 'failed', 'skipped'], broken: 0 },
      { states: ['passed'], broken: 0 },
    ],
    0,
  )
  expect(closingLine(counts)).toBe('2 passed, 1 failed, 1 skipped')
})

test('a file that cannot be loaded is a failure', () => {
  expect(count([{ states: [], broken: 1 }], 0).failed).toBe(1)
})

test('an unhandled rejection is a failure though every test passed', () => {
  expect(count([{ states: ['passed'], broken: 0 }], 1)).toEqual({
    passed: 1,
    failed: 1,
    skipped: 0,
  })
})

test('a test that did not come to an end is a failure', () => {
  expect(count([{ states: ['pending'], broken: 0 }], 0).failed).toBe(1)
})
