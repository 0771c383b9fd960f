import { expect, test } from 'vitest'

import { closingLine, count, failureLine } from './count.ts'

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

test('a failure is told in one line, with its file and its test', () => {
  expect(failureLine('unit a.test.ts', 'adds', 'expected 1 to be 2\n  at a.test.ts')).toBe(
    'failure: unit a.test.ts > adds: expected 1 to be 2',
  )
  expect(failureLine('unit a.test.ts', 'adds', undefined)).toBe(
    'failure: unit a.test.ts > adds: it never ended',
  )
  expect(failureLine('unit a.test.ts', undefined, 'no such module')).toBe(
    'failure: unit a.test.ts: no such module',
  )
})
