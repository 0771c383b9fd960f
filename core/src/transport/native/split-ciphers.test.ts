import { expect, test } from 'vitest'
import { splitCiphers } from './split-ciphers.ts'

test('the suites of TLS 1.3 are told from what older versions have', () => {
  expect(
    splitCiphers('@SECLEVEL=0:TLS_AES_128_GCM_SHA256:ECDHE-RSA-AES128-SHA:!eNULL::TLS_X'),
  ).toEqual({
    suites: 'TLS_AES_128_GCM_SHA256:TLS_X',
    ciphers: '@SECLEVEL=0:ECDHE-RSA-AES128-SHA:!eNULL',
  })
  expect(splitCiphers('')).toEqual({ suites: '', ciphers: '' })
})
