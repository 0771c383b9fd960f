import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterEach, expect, test } from 'vitest'
import { tlsPolicy } from './policy.ts'
import {
  authority,
  client,
  anyone,
  certificate,
  closeAll,
  dial,
  ec,
  echo,
  other,
  resumes,
  rsa,
  serve,
  served,
  sessionOf,
  sni,
  table,
} from './tls.fixture.ts'

afterEach(closeAll)

test('each client gets the certificate of the key type that it can verify', async () => {
  const port = await serve(table())
  expect(served(await dial(port, { sigalgs: 'rsa_pss_rsae_sha256' }))).toBe('CN=first rsa')
  expect(served(await dial(port, { sigalgs: 'ecdsa_secp256r1_sha256' }))).toBe('CN=first ec')
  const old = { maxVersion: 'TLSv1.2' } as const
  expect(served(await dial(port, { ...old, ciphers: 'ECDHE-RSA-AES128-GCM-SHA256' }))).toBe(
    'CN=first rsa',
  )
  expect(served(await dial(port, { ...old, ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256' }))).toBe(
    'CN=first ec',
  )
})

test('a row has an alternative of another type', async () => {
  const from = table({ defaults: [other] })
  from.putCertificate(certificate('1', rsa, ec))
  from.putSni(sni('x.test', '1'))
  const port = await serve(from)
  expect(served(await dial(port, { sigalgs: 'rsa_pss_rsae_sha256' }))).toBe('CN=first rsa')
  expect(served(await dial(port, { sigalgs: 'ecdsa_secp256r1_sha256' }))).toBe('CN=first ec')
})

test('openssl s_client sees the certificate of the signature that it asks for', async () => {
  const port = await serve(table())
  const ask = async (sigalgs: string) => {
    const args = ['s_client', '-connect', `127.0.0.1:${port}`, '-servername', 'x.test']
    const running = promisify(execFile)('openssl', [...args, '-sigalgs', sigalgs])
    running.child.stdin?.end()
    return (await running).stdout
  }
  expect(await ask('RSA-PSS+SHA256')).toMatch(/subject=CN ?= ?first rsa/)
  expect(await ask('ECDSA+SHA256')).toMatch(/subject=CN ?= ?first ec/)
})

test('DHE works with the intermediate suite', async () => {
  const port = await serve(table())
  const socket = await dial(port, { maxVersion: 'TLSv1.2', ciphers: 'DHE-RSA-AES128-GCM-SHA256' })
  expect(socket.getCipher().name).toBe('DHE-RSA-AES128-GCM-SHA256')
})

test('a TLS 1.0 client is served by the suite old only', async () => {
  const options = {
    minVersion: 'TLSv1',
    maxVersion: 'TLSv1',
    ciphers: 'ALL:@SECLEVEL=0',
  } as const
  const port = await serve(table({ policy: tlsPolicy({ cipherSuite: 'old' }) }))
  expect((await dial(port, options)).getProtocol()).toBe('TLSv1')
  const refusing = await serve(table())
  await expect(dial(refusing, options)).rejects.toThrow(/protocol version|alert/)
})

test('names choose the certificate; no name and an unknown name get the default', () => {
  const from = table()
  from.putCertificate(certificate('1', ec))
  from.putSni(sni('x.test', '1'))
  expect(from.select('X.test.').id).toBe('1')
  expect(from.select('y.test').id).toBe('default')
  expect(from.select(undefined).id).toBe('default')
  from.deleteSni('sni x.test')
  expect(from.select('x.test').id).toBe('default')
})

test('a replaced certificate serves the next handshake while an old session goes on', async () => {
  const from = table()
  from.putCertificate(certificate('1', ec))
  from.putSni(sni('x.test', '1'))
  const port = await serve(from)
  const before = await dial(port)
  const session = await sessionOf(port)
  from.putCertificate(certificate('1', other))
  const after = await dial(port)
  expect([served(before), served(after)]).toEqual(['CN=first ec', 'CN=other'])
  expect(await echo(before, 'still here')).toBe('still here')
  expect(await resumes(port, session)).toBe(false)
})

test('where clients are to show their certificate anew, no session is resumed', async () => {
  const asked = { clientCertificate: 'required', ca: [authority.cert] } as const
  const resumed = await Promise.all(
    [{}, { resumption: false }].map(async (more) => {
      const port = await serve(table(), { ...asked, ...more })
      return resumes(port, await sessionOf(port, client), client)
    }),
  )
  expect(resumed).toEqual([true, false])
})

test('a certificate that cannot be used is an error, never another certificate', () => {
  const from = table()
  from.putSni(sni('x.test', '1'))
  expect(() => from.select('x.test').context(anyone)).toThrow(
    'certificate 1 cannot be used: it does not exist',
  )
  from.putCertificate(certificate('1', { cert: ec.cert, key: other.key }))
  expect(() => from.select('x.test').context(anyone)).toThrow('certificate does not match key')
  from.putCertificate(certificate('1', ec))
  expect(() => from.select('x.test').context(anyone)).not.toThrow()
  from.deleteCertificate('1')
  expect(() => from.select('x.test').context(anyone)).toThrow('it does not exist')
})

test('a secret that could be guessed is refused', () => {
  expect(() => table({ secret: Buffer.alloc(15) })).toThrow('less than 16 bytes')
})
