import { execFileSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { loadDefaultCertificates } from './default.ts'
import { createSelfSigned } from './self-signed.ts'

const root = mkdtempSync(join(tmpdir(), 'kong-ts-default-'))
afterAll(() => rmSync(root, { recursive: true }))
const prefix = () => mkdtempSync(join(root, 'prefix-'))

test('made once: an RSA and an EC pair, for 20 years, readable keys for the owner alone', async () => {
  const at = prefix()
  const first = await loadDefaultCertificates(at, [], [])
  const second = await loadDefaultCertificates(at, [], [])
  expect(second).toEqual(first)
  expect(first.warnings).toEqual([])
  expect(readdirSync(join(at, 'ssl')).toSorted()).toEqual([
    'kong-default-ecdsa.crt',
    'kong-default-ecdsa.key',
    'kong-default.crt',
    'kong-default.key',
  ])
  expect(statSync(join(at, 'ssl/kong-default.key')).mode & 0o777).toBe(0o600)
  expect(statSync(join(at, 'ssl/kong-default-ecdsa.key')).mode & 0o777).toBe(0o600)
  const parsed = first.pairs.map(({ cert }) => new X509Certificate(cert))
  expect(parsed.map(({ publicKey }) => publicKey.asymmetricKeyType)).toEqual(['rsa', 'ec'])
  expect(parsed[0]?.subject.split('\n')).toEqual([
    'C=US',
    'ST=California',
    'L=San Francisco',
    'O=kong-ts',
    'OU=IT Department',
    'CN=localhost',
  ])
  const years = (Date.parse(parsed[0]?.validTo ?? '') - Date.now()) / (365 * 86_400_000)
  expect(years).toBeGreaterThan(19.9)
  const file = join(at, 'ssl/kong-default.crt')
  const verified = execFileSync('openssl', ['verify', '-CAfile', file, file], { encoding: 'utf8' })
  expect(verified).toContain('OK')
})

test.each([
  ['a certificate that is cut short', (ssl: string) => cutShort(join(ssl, 'kong-default.crt'))],
  ['a key without a certificate', (ssl: string) => rmSync(join(ssl, 'kong-default.crt'))],
  ['a certificate without a key', (ssl: string) => rmSync(join(ssl, 'kong-default.key'))],
])('%s is moved aside and made anew, with a warning', async (_, damage) => {
  const at = prefix()
  const before = await loadDefaultCertificates(at, [], [])
  damage(join(at, 'ssl'))
  const after = await loadDefaultCertificates(at, [], [])
  expect(after.warnings).toEqual([expect.stringContaining('kong-default.crt was made anew')])
  expect(after.pairs[0]).not.toEqual(before.pairs[0])
  expect(after.pairs[1]).toEqual(before.pairs[1])
  expect(readdirSync(join(at, 'ssl')).filter((name) => name.endsWith('.unusable'))).not.toEqual([])
  expect((await loadDefaultCertificates(at, [], [])).warnings).toEqual([])
})

test('a certificate with the key of another one is made anew, and nothing is lost', async () => {
  const at = prefix()
  await loadDefaultCertificates(at, [], [])
  const strange = await createSelfSigned({ key: 'rsa', commonName: 'strange', days: 1 })
  writeFileSync(join(at, 'ssl/kong-default.crt'), strange.cert)
  const { warnings } = await loadDefaultCertificates(at, [], [])
  expect(warnings).toEqual([expect.stringContaining('certificate does not match key')])
  expect(readFileSync(join(at, 'ssl/kong-default.crt.unusable'), 'utf8')).toBe(strange.cert)
})

test('configured pairs come as a path, as PEM or as base64; nothing is generated', async () => {
  const at = prefix()
  const rsa = await createSelfSigned({ key: 'rsa', commonName: 'r', days: 1 })
  const ec = await createSelfSigned({ key: 'ec', commonName: 'e', days: 1 })
  const path = join(at, 'r.crt')
  writeFileSync(path, rsa.cert)
  const loaded = await loadDefaultCertificates(
    at,
    [path, Buffer.from(ec.cert).toString('base64')],
    [rsa.key, ec.key],
  )
  expect(loaded).toEqual({ pairs: [rsa, ec], warnings: [] })
  expect(readdirSync(at)).toEqual(['r.crt'])
})

test('wrong settings are named', async () => {
  const at = prefix()
  const a = await createSelfSigned({ key: 'ec', commonName: 'a', days: 1 })
  const b = await createSelfSigned({ key: 'ec', commonName: 'b', days: 1 })
  const load = (certs: string[], keys: string[]) => loadDefaultCertificates(at, certs, keys)
  await expect(load([a.cert], [])).rejects.toThrow('ssl_cert_key must be specified')
  await expect(load([], [a.key])).rejects.toThrow('ssl_cert must be specified')
  await expect(load([a.cert, b.cert], [a.key])).rejects.toThrow(
    'ssl_cert was specified 2 times while ssl_cert_key was specified 1 times',
  )
  await expect(load(['/nowhere.crt'], [a.key])).rejects.toThrow(
    'ssl_cert: failed loading certificate from /nowhere.crt',
  )
  await expect(load([a.cert], ['/nowhere.key'])).rejects.toThrow(
    'ssl_cert_key: failed loading key from /nowhere.key',
  )
  await expect(load([a.cert], [b.key])).rejects.toThrow('ssl_cert: certificate does not match key')
  await expect(load([a.cert, b.cert], [a.key, b.key])).rejects.toThrow('both of the same type')
})

function cutShort(file: string): void {
  writeFileSync(file, readFileSync(file, 'utf8').slice(0, 300))
}
