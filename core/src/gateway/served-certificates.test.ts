import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { CertificateTable } from '../certificates/certificate-table.ts'
import { tlsPolicy } from '../certificates/policy.ts'
import { createSelfSigned } from '../certificates/self-signed.ts'
import { ServedCertificates } from './served-certificates.ts'

const common = { created_at: 0, updated_at: 0, tags: null }

test('what refers to a secret is served while the secret can be found', async () => {
  const pair = await createSelfSigned({ key: 'ec', commonName: 'a.test', days: 1 })
  const table = new CertificateTable({
    defaults: [pair],
    secret: randomBytes(32),
    policy: tlsPolicy({ cipherSuite: 'intermediate', ciphers: undefined, protocols: undefined }),
  })
  const served = new ServedCertificates(table)
  const row = { ...common, ...pair, id: 'c', cert_alt: null, key_alt: null }
  served.check(row)
  served.apply({ op: 'put', entity: 'certificates', row })
  expect(served.certificate('c')).toMatchObject({ cert: pair.cert })
  const away = { ...row, key: '{vault://env/no-such-variable-anywhere}' }
  served.check(away)
  served.apply({ op: 'put', entity: 'certificates', row: away })
  expect(served.certificate('c')).toBeUndefined()
  expect(() => served.check({ ...row, key: 'nonsense' })).toThrow('key')
  const authority = { ...common, id: 'ca', cert: pair.cert, cert_digest: '' }
  served.apply({ op: 'put', entity: 'ca_certificates', row: authority })
  expect(served.authority('ca')).toBe(authority)
  served.apply({ op: 'delete', entity: 'ca_certificates', id: 'ca' })
  expect(served.authority('ca')).toBeUndefined()
})
