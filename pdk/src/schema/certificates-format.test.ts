import { expect, test } from 'vitest'
import { rootCertificates } from 'node:tls'
import { complainOfCertificates } from './certificates-format.ts'

test.each([
  [rootCertificates[0], undefined],
  [`a comment\n${rootCertificates.slice(0, 2).join('\n')}\n`, undefined],
  ['', 'no certificate in PEM'],
  ['/etc/ca.pem', 'no certificate in PEM'],
  ['-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----', 'not a certificate in PEM'],
])('%j', (text = '', complaint) => {
  expect(complainOfCertificates(text)).toBe(complaint)
})
