import { execFileSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { createSelfSigned } from './self-signed.ts'

const folder = mkdtempSync(join(tmpdir(), 'kong-ts-self-signed-'))
afterAll(() => rmSync(folder, { recursive: true }))

function file(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

function openssl(...args: string[]): string {
  return execFileSync('openssl', args, { encoding: 'utf8', stdio: 'pipe' })
}

test.each(['rsa', 'ec'] as const)('openssl reads what a %s leaf says', async (key) => {
  const { cert } = await createSelfSigned({
    key,
    commonName: 'Überall "x", y',
    subject: { C: 'US', O: 'kong-ts' },
    names: ['a.example', '*.b.example', '10.0.0.1', '::1', '2001:db8::a:0:1', 'spiffe://x/y'],
    days: 30,
  })
  const text = openssl('x509', '-in', file(`${key}.crt`, cert), '-noout', '-text')
  expect(text).toContain(key === 'rsa' ? 'sha256WithRSAEncryption' : 'ecdsa-with-SHA256')
  expect(text).toContain(key === 'rsa' ? '(2048 bit)' : 'prime256v1')
  expect(text).toContain('TLS Web Server Authentication, TLS Web Client Authentication')
  expect(text).toContain('CA:FALSE')
  expect(text).toContain(
    'DNS:a.example, DNS:*.b.example, IP Address:10.0.0.1, ' +
      'IP Address:0:0:0:0:0:0:0:1, IP Address:2001:DB8:0:0:0:A:0:1, URI:spiffe://x/y',
  )
  const parsed = new X509Certificate(cert)
  expect(parsed.subject).toContain('Überall')
  expect(parsed.checkHost('z.b.example')).toBe('*.b.example')
  const days = (Date.parse(parsed.validTo) - Date.now()) / 86_400_000
  expect(days).toBeGreaterThan(29.9)
  expect(days).toBeLessThanOrEqual(30)
})

test('openssl verifies a chain of mixed keys, and refuses it without its intermediate', async () => {
  const root = await createSelfSigned({ key: 'rsa', commonName: 'root', days: 9000, ca: true })
  const middle = await createSelfSigned({
    key: 'ec',
    commonName: 'middle',
    days: 10,
    ca: true,
    issuer: root,
  })
  const leaf = await createSelfSigned({
    key: 'rsa',
    commonName: 'leaf',
    names: ['leaf.example'],
    days: 5,
    issuer: middle,
  })
  const trusted = ['-x509_strict', '-CAfile', file('root.crt', root.cert)]
  const target = file('leaf.crt', leaf.cert)
  const between = ['-untrusted', file('middle.crt', middle.cert)]
  for (const purpose of ['sslserver', 'sslclient']) {
    const answer = openssl('verify', ...trusted, ...between, '-purpose', purpose, target)
    expect(answer).toContain('leaf.crt: OK')
  }
  expect(() => openssl('verify', ...trusted, target)).toThrow(/unable to get local issuer/)
  expect(new X509Certificate(root.cert).validTo).toContain('2051')
})

test('a certificate of negative days has expired', async () => {
  const old = await createSelfSigned({ key: 'ec', commonName: 'old', days: -1 })
  const path = file('old.crt', old.cert)
  expect(() => openssl('verify', '-CAfile', path, path)).toThrow(/certificate has expired/)
})

test('serial numbers differ', async () => {
  const make = () => createSelfSigned({ key: 'ec', commonName: 'x', days: 1 })
  const [a, b] = await Promise.all([make(), make()])
  expect(new X509Certificate(a.cert).serialNumber).not.toBe(
    new X509Certificate(b.cert).serialNumber,
  )
})

test('a name that no certificate can carry is refused', async () => {
  const options = { key: 'ec', commonName: 'x', days: 1 } as const
  await expect(createSelfSigned({ ...options, names: ['bücher.example'] })).rejects.toThrow(/ASCII/)
})
