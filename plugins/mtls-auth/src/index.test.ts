import { X509Certificate } from 'node:crypto'
import { definePlugin, terminate } from '@kong-ts/pdk'
import { mount } from '@kong-ts/pdk/testing'
import { afterAll, expect, test } from 'vitest'
import mtlsAuth, { identity } from './index.ts'
import { burnBooks, createAuthority, type Identity } from './pki.fixture.ts'

const root = createAuthority('root')
const [alice, carol, early] = [
  root.issue({ commonName: 'alice' }),
  root.issue({ commonName: 'carol' }),
  root.issue({ commonName: 'early', from: -2, to: 1 }),
]
root.revoke(carol)
afterAll(burnBooks)

const now = Date.now()
const ca_certificates = [root.cert]
const day = 86_400_000

function dial({ cert }: Identity, more: object = {}) {
  const { fingerprint256 } = new X509Certificate(cert)
  const fingerprint = fingerprint256.replaceAll(':', '').toLowerCase()
  return { sni: 'a.example', certificate: { pem: cert, fingerprint, ...more } }
}

test('whoever shows a certificate is let in, and named to others', async () => {
  const plugin = await mount(mtlsAuth, { ca_certificates })
  const { outcome, summary } = await plugin.connect(
    dial(alice, { subject: 'CN=alice', names: ['DNS:alice.example'] }),
  )
  expect(outcome).toBe('proxied')
  expect(summary.get(identity)).toEqual({
    subject: 'CN=alice',
    names: ['DNS:alice.example'],
    fingerprint: dial(alice).certificate.fingerprint,
  })
})

test('without one there is no handshake, unless it is optional', async () => {
  const strict = await mount(mtlsAuth, { ca_certificates })
  expect(await strict.connect({ sni: 'a' })).toMatchObject({
    ending: 'client.tls.handshake_failed',
  })
  const lenient = await mount(mtlsAuth, { ca_certificates, client_certificate: 'optional' })
  const { outcome, summary } = await lenient.connect({ sni: 'a' })
  expect([outcome, summary.get(identity)]).toEqual(['proxied', undefined])
})

test('one that is not verified is refused, although it is optional', async () => {
  const plugin = await mount(mtlsAuth, { ca_certificates, client_certificate: 'optional' })
  const bad = dial(alice, { verified: false, failure: 'CERT_HAS_EXPIRED' })
  expect(await plugin.connect(bad)).toMatchObject({
    ending: 'plugin.mtls-auth.rejected',
    reason: 'the client certificate is refused: CERT_HAS_EXPIRED',
  })
})

test('one entry of the lists is enough', async () => {
  const plugin = await mount(mtlsAuth, {
    ca_certificates,
    allowed_names: ['DNS:*.db.example'],
    allowed_subjects: ['OU=db'],
  })
  const connect = (more: object) => plugin.connect(dial(alice, more))
  expect(await connect({ names: ['DNS:one.db.example'] })).toMatchObject({ outcome: 'proxied' })
  expect(await connect({ subject: 'CN=x,OU=db' })).toMatchObject({ outcome: 'proxied' })
  expect(await connect({ subject: 'CN=x' })).toMatchObject({
    reason: 'the client certificate is not allowed: CN=x',
  })
})

const crl = [root.crl()]
const revoked = { reason: 'the certificate is revoked: CN=carol' }
test.each([
  ['SKIP', { crl }, 'proxied', 'proxied'],
  ['IGNORE_CA_ERROR', { crl }, 'proxied', 'rejected'],
  ['STRICT', { crl }, 'proxied', 'rejected'],
  ['IGNORE_CA_ERROR', {}, 'proxied', 'proxied'],
] as const)('%s with %j', async (revocation_check_mode, lists, ofAlice, ofCarol) => {
  const config = { ca_certificates, revocation_check_mode, ...lists }
  const plugin = await mount(mtlsAuth, config, { now })
  expect(await plugin.connect(dial(alice))).toMatchObject({ outcome: ofAlice })
  expect(await plugin.connect(dial(carol))).toMatchObject({
    outcome: ofCarol,
    ...(ofCarol === 'rejected' && revoked),
  })
})

test.each([
  ['IGNORE_CA_ERROR', 'proxied', undefined],
  [
    'STRICT',
    'rejected',
    'it is not known whether the certificate is revoked: the revocation list has expired of CN=root',
  ],
] as const)('an expired list with %s', async (revocation_check_mode, outcome, reason) => {
  const config = { ca_certificates, revocation_check_mode, crl }
  const plugin = await mount(mtlsAuth, config, { now: now + 40 * day })
  expect(plugin.lines).toMatchObject([{ level: 'warn', message: 'a revocation list has expired' }])
  expect(await plugin.connect(dial(alice))).toMatchObject({ outcome, reason })
  expect(await plugin.connect(dial(carol))).toMatchObject(revoked)
})

test('it decides once, however often a target fails', async () => {
  const plugin = await mount(mtlsAuth, { ca_certificates, crl }, { now })
  const targets = { targets: ['a:1', 'b:1', 'c:1'], failing: ['a:1', 'b:1'] }
  const { target, summary } = await plugin.connect({ ...dial(alice), ...targets })
  expect([target, summary.tries.length]).toEqual(['c:1', 3])
})

test('a client that resumes is held to the day on which its certificate ends', async () => {
  const [asking] = [terminate({ clientCertificate: { required: true, ca: ca_certificates } })]
  const plugin = await mount(mtlsAuth, { ca_certificates }, { now: now + 2 * day })
  const tls = { version: 'TLSv1.3', cipher: '', clientCertificate: { ...anybody(early) } }
  const slots = new Map<string, unknown>()
  const conn = {
    get: ({ name }: { name: string }) => slots.get(name),
    set: ({ name }: { name: string }, value: unknown) => void slots.set(name, value),
  }
  const { phases } = mtlsAuth
  const self = { config: plugin.config, state: plugin.state, clock: plugin.clock } as never
  expect(phases.tls?.(conn as never, self)).toEqual({
    ...asking,
    clientCertificate: expect.anything(),
  })
  expect(
    phases.balance?.({ ...conn, tls: { ...tls, resumed: true } } as never, self),
  ).toMatchObject({
    reason: 'the client certificate is refused: CERT_HAS_EXPIRED',
  })
  expect(phases.balance?.({ ...conn, tls } as never, self)).toBeUndefined()
})

function anybody({ cert }: Identity) {
  return { ...dial({ cert } as Identity).certificate, verified: true, subject: '', names: [] }
}

test('where another plugin has decided about TLS, nobody is let in', async () => {
  const hasty = definePlugin({
    ...mtlsAuth,
    schema: mtlsAuth.schema,
    phases: {
      ...mtlsAuth.phases,
      tls: () => terminate({ clientCertificate: { required: false, ca: [] } }),
    },
  })
  const plugin = await mount(hasty as typeof mtlsAuth, { ca_certificates })
  expect(await plugin.connect(dial(alice))).toMatchObject({
    reason: 'another plugin has decided how TLS ends, so that nobody asked for a certificate',
  })
})

test.each<[object, string]>([
  [{}, 'config.ca_certificates: required field missing'.slice(7)],
  [{ ca_certificates: [] }, 'ca_certificates: length must be at least 1'],
  [
    { ca_certificates: ['x'] },
    'ca_certificates.1: expected the id of a CA certificate, or a certificate in PEM',
  ],
  [{ ca_certificates, allowed_names: ['x'] }, 'config.allowed_names.1: expected DNS:'],
  [
    { ca_certificates, revocation_check_mode: 'STRICT' },
    'config.crl, config.crl_files or config.crl_urls is required',
  ],
  [{ ca_certificates, skip_consumer_lookup: false }, 'skip_consumer_lookup: value must be true'],
  [{ ca_certificates, crl: ['x'] }, 'config.crl.1: there is no revocation list in it'],
  [{ ca_certificates, crl_urls: ['ftp://a.example/'] }, 'crl_urls.1: invalid value'],
  [{ ca_certificates, crl_urls: ['http://[::1'] }, 'config.crl_urls.1 is no URL'],
  [{ ca_certificates, tls_ca: 'x' }, 'config.tls_ca is no certificate in PEM'],
  [{ ca_certificates, crl: [root.crl()], keep_in: '/nowhere' }, 'config.keep_in: ENOENT'],
  [{ ca_certificates, crl_files: ['/nowhere'] }, 'config.crl_files.1: /nowhere: ENOENT'],
])('%j is refused', async (input, message) => {
  await expect(mount(mtlsAuth, input as never)).rejects.toThrow(message)
})
