import { expect, test } from 'vitest'
import { CertificateError, checkKeyPairs } from './key-pairs.ts'
import { ec, other, rsa } from './tls.fixture.ts'

test('pairs of different types pass, in either order', () => {
  expect(() => checkKeyPairs([rsa])).not.toThrow()
  expect(() => checkKeyPairs([rsa, ec])).not.toThrow()
  expect(() => checkKeyPairs([ec, rsa])).not.toThrow()
})

test.each([
  ['invalid certificate: ', [{ cert: 'x', key: ec.key }]],
  ['invalid key: ', [{ cert: ec.cert, key: 'x' }]],
  ['certificate does not match key', [{ cert: rsa.cert, key: ec.key }]],
  ['alternative certificate does not match key', [rsa, { cert: ec.cert, key: other.key }]],
  ['were both of the same type', [ec, other]],
])('%s', (message, pairs) => {
  expect(() => checkKeyPairs(pairs)).toThrow(message)
  expect(() => checkKeyPairs(pairs)).toThrow(CertificateError)
})
