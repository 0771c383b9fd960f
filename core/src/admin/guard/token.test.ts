import fc from 'fast-check'
import { expect, test } from 'vitest'
import { hasToken } from './token.ts'

const token = 'sixteen-letters!'
const own = 'Kong-Admin-Token'

test.each([
  [[own, token], true],
  [['kong-admin-token', token, 'Host', 'h'], true],
  [['Authorization', `Bearer ${token}`], true],
  [['authorization', `bEARER   ${token}`], true],
  // What another scheme says is for somebody else, a proxy for instance.
  [['Authorization', 'Basic YTpi', own, token], true],
  [[], false],
  [[own, ''], false],
  [[own, `${token}x`], false],
  [[own, token.slice(0, -1)], false],
  [[own, token.toUpperCase()], false],
  [[own, `Bearer ${token}`], false],
  [['Authorization', token], false],
  [['Authorization', `Basic ${token}`], false],
  [['Authorization', 'Bearer'], false],
  [['Authorization', `Bearer ${token}, ${token}`], false],
  [['X-Kong-Admin-Token', token], false],
  // Twice, in whatever way.
  [[own, token, own, token], false],
  [[own, token, 'kong-admin-token', 'another'], false],
  [[own, 'another', own, token], false],
  [[own, `${token}, ${token}`], false],
  [['Authorization', `Bearer ${token}`, 'Authorization', `Bearer ${token}`], false],
  [[own, token, 'Authorization', `Bearer ${token}`], false],
  [[own, token, 'Authorization', 'Bearer'], false],
  // A header that is named like the token is no token.
  [['X', own, token, 'X'], false],
] as const)('%j: %s', (headers, expected) => {
  expect(hasToken(headers, token)).toBe(expected)
})

test('nothing but the token is the token', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 0, maxLength: 40 }), (text) => {
      expect(hasToken([own, text], token)).toBe(text === token)
      expect(hasToken([own, text], text)).toBe(true)
    }),
  )
})
