import { X509Certificate } from 'node:crypto'
import type { ClientCertificate } from '@kong-ts/pdk'
import { afterAll, expect, test } from 'vitest'
import { burnBooks, createAuthority, type Identity } from './pki.fixture.ts'
import { Revocation } from './revocation.ts'

const root = createAuthority('root')
const between = root.below('between')
const bob = between.issue({ commonName: 'bob' })
between.revoke(bob)
afterAll(burnBooks)

const warnings: string[] = []
const note = (): void => {}
const log = {
  debug: note,
  info: note,
  warn: (_: object, text: string) => void warnings.push(text),
  error: note,
}

const open = (...texts: string[]) =>
  Revocation.open({
    authorities: [new X509Certificate(root.cert)],
    texts,
    files: [],
    interval: 1000,
    clock: Date,
    log,
  })

const shown = ({ cert }: Identity, chain: readonly string[] = []): ClientCertificate => ({
  verified: true,
  subject: '',
  names: [],
  fingerprint: new X509Certificate(cert).fingerprint256,
  pem: cert,
  ...(chain.length > 0 && { chain }),
})

test('a list of an intermediate counts once that comes along', async () => {
  const revocation = await open(between.crl(), root.crl())
  expect(await revocation.standingOf(shown(bob))).toMatchObject({ is: 'unknown' })
  const revoked = { is: 'revoked', subject: 'CN=bob' }
  expect(await revocation.standingOf(shown(bob, [between.cert]))).toEqual(revoked)
  // By now it is known who issued it.
  expect(await revocation.standingOf(shown(bob))).toEqual(revoked)
})

test('a list that its authority has not signed is refused', async () => {
  const namesake = createAuthority('root')
  await expect(open(root.crl(), namesake.crl())).rejects.toThrow(
    'config.crl.2: the revocation list is not signed by CN=root',
  )
})

test('an expired list is warned of', async () => {
  warnings.length = 0
  await open(root.crl({ from: -9, to: -1 }))
  expect(warnings).toEqual(['a revocation list has expired'])
})
