import { expect, test } from 'vitest'
import { checkAddition, checkSharedKey, fits } from './addition.ts'

test('completes an addition with whole numbers that can be kept', () => {
  const most = Number.MAX_SAFE_INTEGER
  expect(checkAddition('a', 2, { until: 10.2, limit: 3.9 })).toEqual({
    key: 'a',
    amount: 2,
    limit: 3,
    lasts: { until: 11 },
  })
  expect(checkAddition('a', -2, { until: 1e300 })).toEqual({
    key: 'a',
    amount: -2,
    limit: most,
    lasts: { until: most },
  })
})

test.each([
  ['an empty key', '', 1, 1, 1],
  ['a key that is too long', 'k'.repeat(513), 1, 1, 1],
  ['a key with a NUL', 'a\0b', 1, 1, 1],
  ['half a character', 'a\ud800', 1, 1, 1],
  ['a fraction', 'a', 0.5, 1, 1],
  ['an amount that is not exact', 'a', 2 ** 53, 1, 1],
  ['no time', 'a', 1, Number.NaN, 1],
  ['an endless time', 'a', 1, Infinity, 1],
  ['no limit', 'a', 1, 1, Number.NaN],
])('refuses %s', (_, key, amount, until, limit) => {
  expect(() => checkAddition(key, amount, { until, limit })).toThrow(TypeError)
})

test('what is added for a time leaves after it, and has no end of its own', () => {
  expect(checkAddition('a', 1, { after: 60 })).toMatchObject({ lasts: { after: 60 } })
  expect(checkAddition('a', 1, { after: 60, at: 7 })).toMatchObject({ lasts: { after: 60, at: 7 } })
  for (const options of [{ after: 0 }, { after: Infinity }, { after: 1, at: Number.NaN }]) {
    expect(() => checkAddition('a', 1, options)).toThrow(TypeError)
  }
  expect(() => checkAddition('a', 1, { after: 1, until: 1 })).toThrow('either until or after')
})

test('a key may have 512 characters of any script', () => {
  expect(() => checkSharedKey('語'.repeat(512))).not.toThrow()
})

test('what takes away is not held up by a limit, what adds nothing passes none', () => {
  expect(fits(10, { amount: -1, limit: 5 })).toBe(true)
  expect(fits(10, { amount: 0, limit: 5 })).toBe(false)
  expect(fits(4, { amount: 1, limit: 5 })).toBe(true)
  expect(fits(Number.MIN_SAFE_INTEGER, { amount: -1, limit: 5 })).toBe(false)
})
