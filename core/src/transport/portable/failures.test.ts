import { expect, test } from 'vitest'
import { codeOf, connectError, handshakeError, lossError } from './failures.ts'

const error = (code: string) => Object.assign(new Error(`it says ${code}`), { code })

test.each([
  ['ECONNREFUSED', 'refused'],
  ['ETIMEDOUT', 'timeout'],
  ['EHOSTUNREACH', 'unreachable'],
  ['ENETUNREACH', 'unreachable'],
  ['EADDRNOTAVAIL', 'unreachable'],
  ['ENOENT', 'unreachable'],
  ['ENOTFOUND', 'dns'],
  ['EAI_AGAIN', 'dns'],
  ['ECONNRESET', 'reset'],
  ['EMFILE', 'failed'],
])('a connect that fails with %s is %s', (code, failure) => {
  expect(connectError(error(code)).failure).toBe(failure)
})

test('a lost peer has reset, or is gone', () => {
  expect(lossError(error('EPIPE')).failure).toBe('reset')
  expect(lossError(error('ETIMEDOUT')).failure).toBe('closed')
  expect(lossError(null).failure).toBe('closed')
})

test('a handshake fails with the reason of OpenSSL, or because the peer is gone', () => {
  const tls = Object.assign(error('ERR_SSL_NO_SHARED_CIPHER'), { reason: 'no shared cipher' })
  expect(handshakeError(tls)).toMatchObject({ failure: 'handshake', message: 'no shared cipher' })
  expect(handshakeError(error('ECONNRESET')).failure).toBe('reset')
})

test('what is no error has no code', () => {
  expect(codeOf({ code: 'X' })).toBe('')
  expect(codeOf(Object.assign(new Error('x'), { code: 5 }))).toBe('')
})
