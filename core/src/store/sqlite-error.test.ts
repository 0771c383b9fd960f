import { expect, test } from 'vitest'
import { sqliteError } from './sqlite-error.ts'

test.each([
  [5, 'unavailable'],
  [8, 'unavailable'],
  [10 + 256 * 3, 'unavailable'], // a failed fsync is an extended code of input or output
  [13, 'unavailable'],
  [11 + 256, 'corrupt'],
  [26, 'corrupt'],
])('code %i is %s', (errcode, reason) => {
  const cause = Object.assign(new Error('what SQLite says'), { errcode })
  expect(sqliteError(cause)).toMatchObject({
    name: 'StoreError',
    reason,
    message: expect.stringContaining('what SQLite says'),
    cause,
  })
})

test('what is not the store’s fault stays as it is', () => {
  const unique = Object.assign(new Error('UNIQUE constraint failed'), { errcode: 2067 })
  for (const error of [unique, new TypeError('x'), 'text']) expect(sqliteError(error)).toBe(error)
})
