import { X509Certificate } from 'node:crypto'
import { expect, test } from 'vitest'
import { pem } from '../settings/pem.fixture.ts'
import { adminTls, statusTls } from './http-tls.ts'
import { settingsOf } from './node.fixture.ts'

const base64 = (text: string): string => Buffer.from(text).toString('base64')
const pair = (name: string) => ({
  [`${name}_ssl_cert`]: base64(pem['a.crt']),
  [`${name}_ssl_cert_key`]: base64(pem['a.key']),
})

test('each API has its own certificates, or the generated ones', async () => {
  const settings = settingsOf({ ...pair('admin') })
  expect(await adminTls(settings)).toMatchObject({ cert: [pem['a.crt']], key: [pem['a.key']] })
  const { cert } = await statusTls(settings)
  const [rsa, ec] = cert as string[]
  expect([rsa, ec].map((text) => new X509Certificate(text ?? '').subject)).toEqual([
    expect.stringContaining('CN=localhost'),
    expect.stringContaining('CN=localhost'),
  ])
  expect((await adminTls(settingsOf({ prefix: settings.prefix }))).cert).toEqual(cert)
  expect(await statusTls(settingsOf(pair('status')))).toMatchObject({ cert: [pem['a.crt']] })
})

test('clients are asked for a certificate where authorities are named, of the Admin API alone', async () => {
  const settings = settingsOf({
    admin_listen: '127.0.0.1:0 ssl',
    admin_ssl_client_certificate: base64(pem['b.crt']),
  })
  expect(await adminTls(settings)).toMatchObject({
    ca: [pem['b.crt']],
    requestCert: true,
    rejectUnauthorized: true,
  })
  const nobody = { ca: [], requestCert: false, rejectUnauthorized: false }
  expect(await statusTls(settings)).toMatchObject(nobody)
  expect(await adminTls(settingsOf())).toMatchObject(nobody)
})

test('protocols and ciphers are those of the listeners for connections', async () => {
  expect(await adminTls(settingsOf({ ssl_cipher_suite: 'modern' }))).toMatchObject({
    minVersion: 'TLSv1.3',
  })
  const custom = { ssl_cipher_suite: 'custom', ssl_ciphers: 'NO-SUCH-CIPHER' }
  await expect(statusTls(settingsOf(custom))).rejects.toThrow('no cipher match')
})

test('two certificates of one kind are refused by the name of their setting', async () => {
  const settings = settingsOf({
    status_ssl_cert: `${base64(pem['a.crt'])},${base64(pem['b.crt'])}`,
    status_ssl_cert_key: `${base64(pem['a.key'])},${base64(pem['b.key'])}`,
  })
  await expect(statusTls(settings)).rejects.toThrow(/^status_ssl_cert: .* of the same type$/)
})
