import { expect, test } from 'vitest'
import {
  authority,
  ecCert,
  ecKey,
  expiredAuthority,
  rsaCert,
  rsaKey,
} from '../../../core/src/entities/pem.fixture.ts'
import { startGateway } from '../support/gateway.ts'
import { hold, notFound, send, violation } from './hold.ts'
import type { Case } from './hold.ts'

const id = '11111111-1111-4111-8111-111111111111'
const other = '22222222-2222-4222-8222-222222222222'
const rsa = { cert: rsaCert, key: rsaKey }
const ec = { cert: ecCert, key: ecKey }
const unknownSni = { message: 'SNI not found' }

const certificates: readonly Case[] = [
  [
    'names come back sorted',
    `PUT /certificates/${id}`,
    { ...rsa, snis: ['b.test', 'a.test'] },
    200,
    { id, snis: ['a.test', 'b.test'], cert_alt: null },
  ],
  ['no names are an empty list', `PUT /certificates/${other}`, ec, 200, { snis: [] }],
  ['a certificate by a name of it', 'GET /certificates/b.test', undefined, 200, { id }],
  ['… by an unknown name', 'GET /certificates/nobody.test', undefined, 404, unknownSni],
  [
    '… by an unknown id',
    'GET /certificates/33333333-3333-4333-8333-333333333333',
    undefined,
    404,
    notFound,
  ],
  [
    'a name twice',
    'POST /certificates',
    { ...rsa, snis: ['x', 'y', 'x'] },
    400,
    violation('snis: x is duplicated'),
  ],
  [
    'a name of another',
    'POST /certificates',
    { ...rsa, snis: ['a.test', 'z.test'] },
    400,
    violation(`snis: a.test already associated with existing certificate '${id}'`),
  ],
  ['… and nothing of it is kept', 'GET /snis/z.test', undefined, 404, notFound],
  [
    'PATCH without names leaves them',
    `PATCH /certificates/${id}`,
    { tags: ['t'] },
    200,
    { snis: ['a.test', 'b.test'] },
  ],
  [
    'PATCH replaces the names',
    `PATCH /certificates/${id}`,
    { snis: ['c.test'] },
    200,
    { snis: ['c.test'] },
  ],
  [
    '… in a form one is a list',
    `PATCH /certificates/${id}`,
    'snis=a.test',
    200,
    { snis: ['a.test'] },
  ],
  ['… and null takes them all', `PATCH /certificates/${id}`, { snis: null }, 200, { snis: [] }],
  [
    'PUT by a new name makes both',
    'PUT /certificates/n.test',
    { ...rsa, snis: ['m.test'] },
    200,
    { snis: ['m.test', 'n.test'] },
  ],
  [
    'a pair belongs together',
    'POST /certificates',
    { cert: rsaCert, key: ecKey },
    400,
    violation('certificate does not match key'),
  ],
  [
    'an alternative is a pair',
    'POST /certificates',
    { ...rsa, cert_alt: ecCert },
    400,
    violation("all or none of these fields must be set: 'cert_alt', 'key_alt'"),
  ],
  [
    '… of another type',
    'POST /certificates',
    { ...rsa, cert_alt: rsaCert, key_alt: rsaKey },
    400,
    violation(
      'certificate and alternative certificate need to have different type (e.g. RSA and ECDSA), the provided certificates were both of the same type',
    ),
  ],
  [
    'an alternative',
    `PATCH /certificates/${id}`,
    { cert_alt: ecCert, key_alt: ecKey },
    200,
    { cert_alt: ecCert },
  ],
  [
    'nothing',
    'POST /certificates',
    {},
    400,
    violation('cert: required field missing', 'key: required field missing'),
  ],
]

const snis: readonly Case[] = [
  [
    'a name below its certificate',
    `POST /certificates/${id}/snis`,
    { name: 'w.test' },
    201,
    { certificate: { id } },
  ],
  [
    '… which any of its names finds',
    'POST /certificates/w.test/snis',
    'name=*.w.test',
    201,
    { certificate: { id } },
  ],
  [
    '… and no unknown one',
    'POST /certificates/nobody.test/snis',
    { name: 'v.test' },
    404,
    unknownSni,
  ],
  [
    'a name is used once',
    `POST /certificates/${other}/snis`,
    { name: 'w.test' },
    409,
    { code: 5, message: `UNIQUE violation detected on '{name="w.test"}'` },
  ],
  ['a wildcard at an end', 'GET /snis/%2A.w.test', undefined, 200, { name: '*.w.test' }],
  [
    'one wildcard',
    'POST /snis',
    { name: '*.w.*', certificate: { id } },
    400,
    violation('name: only one wildcard must be specified'),
  ],
  [
    'nothing',
    'POST /snis',
    {},
    400,
    violation('certificate: required field missing', 'name: required field missing'),
  ],
  [
    'a name moves',
    'PATCH /snis/w.test',
    { certificate: { id: other } },
    200,
    { certificate: { id: other } },
  ],
  ['… and the lists follow', `GET /certificates/${other}`, undefined, 200, { snis: ['w.test'] }],
  [
    'the certificate of a name is asked by the name',
    'GET /snis/w.test/certificate',
    undefined,
    404,
    notFound,
  ],
  [
    'a certificate in use stays',
    'POST /services',
    { host: 'h', protocol: 'tls', client_certificate: { id: other } },
    201,
    {},
  ],
  [
    '… and says for whom',
    `DELETE /certificates/${other}`,
    undefined,
    400,
    { code: 4, fields: { '@referenced_by': 'services' } },
  ],
  [
    'its services',
    `GET /certificates/${other}/services`,
    undefined,
    200,
    { data: [{ host: 'h' }], next: null },
  ],
  ['a certificate by a name, gone', 'DELETE /certificates/%2A.w.test', undefined, 204],
  ['… with its names', 'GET /snis/%2A.w.test', undefined, 404, notFound],
]

const noAuthority =
  'certificate does not appear to be a CA because it is missing the "CA" basic constraint'

const authorities: readonly Case[] = [
  ['an authority', `PUT /ca_certificates/${id}`, { cert: authority }, 200, { id }],
  [
    'once',
    'POST /ca_certificates',
    { cert: authority },
    409,
    { code: 5, name: 'unique constraint violation' },
  ],
  ['nothing', 'POST /ca_certificates', {}, 400, violation('cert: required field missing')],
  ['a leaf', 'POST /ca_certificates', { cert: rsaCert }, 400, violation(noAuthority)],
  [
    'one of the past',
    'POST /ca_certificates',
    { cert: expiredAuthority },
    400,
    violation('certificate expired, "Not After" time is in the past'),
  ],
  [
    'two at once',
    'POST /ca_certificates',
    { cert: authority + rsaCert },
    400,
    violation('please submit only one certificate at a time'),
  ],
]

test('certificates, their names and authorities keep to the contract', async () => {
  const gateway = await startGateway()
  await hold(gateway, [...certificates, ...snis, ...authorities])
  const service = await gateway.create('/services', { url: 'https://h', ca_certificates: [id] })
  expect(await send(gateway, `DELETE /ca_certificates/${id}`, undefined)).toMatchObject({
    status: 400,
    body: {
      code: 19,
      name: 'referenced by others',
      message: `ca certificate ${id} is still referenced by services (id = ${service.id})`,
    },
  })
})
