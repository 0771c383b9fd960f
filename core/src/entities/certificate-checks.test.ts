import { expect, test } from 'vitest'
import { caCertificateChecks, certificateChecks, digestCertificate } from './certificate-checks.ts'
import { authority, ecCert, ecKey, expiredAuthority, rsaCert, rsaKey } from './pem.fixture.ts'
import { create, refused } from './plan.fixture.ts'
import type { Body } from './plan.fixture.ts'

const bothTypes =
  'certificate and alternative certificate need to have different type (e.g. RSA and ECDSA), ' +
  'the provided certificates were both of the same type'
const rsa = { cert: rsaCert, key: rsaKey }
test.each<[string, Body, Body]>([
  ['nothing', {}, { cert: 'required field missing', key: 'required field missing' }],
  ['no PEM', { ...rsa, cert: 'x' }, { cert: expect.stringMatching(/^invalid certificate: /) }],
  ['no key', { ...rsa, key: 'x' }, { key: expect.stringMatching(/^invalid key: /) }],
  [
    'a broken chain',
    { ...rsa, cert: `${rsaCert}-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----` },
    { cert: expect.stringMatching(/^invalid certificate: /) },
  ],
  ['another key', { cert: rsaCert, key: ecKey }, { '@entity': ['certificate does not match key'] }],
  [
    'half an alternative',
    { ...rsa, cert_alt: ecCert },
    { '@entity': ["all or none of these fields must be set: 'cert_alt', 'key_alt'"] },
  ],
  ['the same type', { ...rsa, cert_alt: rsaCert, key_alt: rsaKey }, { '@entity': [bothTypes] }],
  [
    'another alternative key',
    { ...rsa, cert_alt: ecCert, key_alt: rsaKey },
    { '@entity': ['alternative certificate does not match key'] },
  ],
])('certificates: %s', (_name, body, fields) => {
  expect(refused('certificates', body)?.['fields']).toEqual(fields)
})

test('a certificate with an alternative of another type is taken, and lists its SNIs', () => {
  const body = { ...rsa, cert_alt: ecCert, key_alt: ecKey, snis: ['b.test', 'a.test'] }
  expect(create('certificates', body)).toMatchObject({ ...body, snis: ['a.test', 'b.test'] })
})

test.each<[string, string, string]>([
  ['two', authority + authority, 'please submit only one certificate at a time'],
  ['expired', expiredAuthority, 'certificate expired, "Not After" time is in the past'],
  [
    'a leaf',
    ecCert,
    'certificate does not appear to be a CA because it is missing the "CA" basic constraint',
  ],
])('ca_certificates: %s', (_name, cert, message) => {
  expect(refused('ca_certificates', { cert })).toMatchObject({
    message: `schema violation (${message})`,
    fields: { '@entity': [message] },
  })
})

test('a CA certificate gets its digest, whatever was written', () => {
  const row = create('ca_certificates', { cert: authority, cert_digest: 'mine' })
  expect(row['cert_digest']).toMatch(/^[0-9a-f]{64}$/)
})

test('without a certificate there is nothing to check', () => {
  expect(digestCertificate({ cert: null })).toEqual({ ok: true, row: { cert: null } })
  expect([...certificateChecks, ...caCertificateChecks].every(({ on }) => on.length > 0)).toBe(true)
})
