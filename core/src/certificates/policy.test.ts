import { createSecureContext } from 'node:tls'
import { expect, test } from 'vitest'
import { tlsPolicy } from './policy.ts'

test.each(['modern', 'intermediate', 'old', 'fips'] as const)(
  'OpenSSL takes the suite %s',
  (cipherSuite) => {
    expect(() => createSecureContext({ ...tlsPolicy({ cipherSuite }), ca: [] })).not.toThrow()
  },
)

test('the versions of the suites', () => {
  const range = (cipherSuite: 'modern' | 'intermediate' | 'old' | 'fips') => {
    const { minVersion, maxVersion, honorCipherOrder } = tlsPolicy({ cipherSuite })
    return [minVersion, maxVersion, honorCipherOrder]
  }
  expect(range('modern')).toEqual(['TLSv1.3', 'TLSv1.3', false])
  expect(range('intermediate')).toEqual(['TLSv1.2', 'TLSv1.3', false])
  expect(range('old')).toEqual(['TLSv1', 'TLSv1.3', true])
  expect(range('fips')).toEqual(['TLSv1.2', 'TLSv1.2', true])
})

test('the other settings count with custom only', () => {
  const parts = {
    ciphers: 'AES128-SHA',
    protocols: ['TLSv1.2'],
    preferServerCiphers: false,
  } as const
  expect(tlsPolicy({ cipherSuite: 'modern', ...parts })).toEqual(
    tlsPolicy({ cipherSuite: 'modern' }),
  )
  expect(tlsPolicy({ cipherSuite: 'custom', ...parts })).toEqual({
    minVersion: 'TLSv1.2',
    maxVersion: 'TLSv1.2',
    ciphers: 'AES128-SHA',
    honorCipherOrder: false,
    dhparam: 'auto',
  })
})

test('a custom list without TLS 1.3 suites does not switch TLS 1.3 off', () => {
  const { ciphers, maxVersion } = tlsPolicy({
    cipherSuite: 'custom',
    ciphers: 'ECDHE-RSA-AES128-GCM-SHA256',
    protocols: ['TLSv1.3', 'TLSv1.2'],
  })
  expect(maxVersion).toBe('TLSv1.3')
  expect(ciphers).toMatch(/^TLS_AES_256_GCM_SHA384:.*:ECDHE-RSA-AES128-GCM-SHA256$/)
})

test('custom without ciphers, without protocols, or with a gap is refused', () => {
  expect(() => tlsPolicy({ cipherSuite: 'custom' })).toThrow('ssl_ciphers must be specified')
  const custom = { cipherSuite: 'custom', ciphers: 'HIGH' } as const
  expect(() => tlsPolicy({ ...custom, protocols: [] })).toThrow('names no protocol')
  expect(() => tlsPolicy({ ...custom, protocols: ['TLSv1.1', 'TLSv1.3'] })).toThrow('gap')
})
