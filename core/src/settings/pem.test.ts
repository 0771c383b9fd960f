import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { SettingsError } from '../errors/settings-error.ts'
import { pem } from './pem.fixture.ts'
import { resolveSettings } from './resolve-settings.ts'

const base64 = (text: string) => Buffer.from(text).toString('base64')

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'settings-pem-'))
  for (const [name, text] of Object.entries(pem)) writeFileSync(join(folder, name), text)
  writeFileSync(join(folder, 'junk.pem'), 'junk')
})
afterAll(() => {
  rmSync(folder, { recursive: true })
})

const resolve = (env: Record<string, string>) => resolveSettings({ env, cwd: folder }).settings

function problems(env: Record<string, string>) {
  try {
    resolve(env)
  } catch (error) {
    if (error instanceof SettingsError) return error.problems
    throw error
  }
  return []
}

test('a certificate comes from a file, as text or in base64', () => {
  const expected = { ssl_cert: [pem['a.crt']], ssl_cert_key: [pem['a.key']] }
  expect(resolve({ KONG_SSL_CERT: 'a.crt', KONG_SSL_CERT_KEY: 'a.key' })).toMatchObject(expected)
  const inBase64 = {
    KONG_SSL_CERT: base64(pem['a.crt']),
    KONG_SSL_CERT_KEY: base64(pem['a.key']),
  }
  expect(resolve(inBase64)).toMatchObject(expected)
  const inline = resolve({
    KONG_SSL_CERT: pem['a.crt'],
    KONG_SSL_CERT_KEY: pem['a.key'],
  })
  expect(inline.ssl_cert[0]?.trim()).toBe(pem['a.crt'].trim())
})

test('several pairs are allowed, and each key must belong to its certificate', () => {
  const env = { KONG_SSL_CERT: 'a.crt, b.crt', KONG_SSL_CERT_KEY: 'a.key, b.key' }
  expect(resolve(env).ssl_cert).toEqual([pem['a.crt'], pem['b.crt']])
  expect(problems({ ...env, KONG_SSL_CERT_KEY: 'a.key, a.key' })).toEqual([
    'ssl_cert_key: key 2 does not belong to certificate 2 of ssl_cert',
  ])
})

test.each([
  [{ KONG_SSL_CERT: 'a.crt' }, ['ssl_cert_key must be specified']],
  [{ KONG_SSL_CERT_KEY: 'a.key' }, ['ssl_cert must be specified']],
  [
    { KONG_SSL_CERT: 'a.crt,b.crt', KONG_SSL_CERT_KEY: 'a.key' },
    ['ssl_cert was specified 2 times while ssl_cert_key was specified 1 times'],
  ],
  [
    { KONG_CLIENT_SSL: 'on' },
    ['client_ssl_cert must be specified', 'client_ssl_cert_key must be specified'],
  ],
  [{ KONG_CLIENT_SSL_CERT: 'a.crt' }, ['client_ssl_cert_key must be specified']],
  [
    { KONG_SSL_CERT: 'none.crt', KONG_SSL_CERT_KEY: 'a.key' },
    [
      'environment KONG_SSL_CERT: ssl_cert: failed loading certificate from none.crt: no such file (a path, PEM or base64 PEM)',
    ],
  ],
  [
    { KONG_TRUSTED_CERTIFICATE: 'system, none.crt' },
    ['environment KONG_TRUSTED_CERTIFICATE: trusted_certificate: no such file at none.crt'],
  ],
])('%j is refused', (env, expected) => {
  expect(problems(env)).toEqual(expected)
})

test('what is no certificate or key is refused', () => {
  expect(problems({ KONG_CLIENT_SSL_CERT: 'junk.pem' })[0]).toContain(
    'client_ssl_cert: failed loading certificate from junk.pem: ',
  )
  expect(problems({ KONG_CLIENT_SSL_CERT_KEY: 'junk.pem' })[0]).toContain(
    'client_ssl_cert_key: failed loading key from junk.pem: ',
  )
  expect(problems({ KONG_TRUSTED_CERTIFICATE: 'junk.pem' })[0]).toContain(
    'trusted_certificate: failed loading certificate from junk.pem: ',
  )
})

test('a key that was mangled is not shown', () => {
  const mangled = base64(pem['a.key']).slice(3)
  const [problem] = problems({ KONG_CLIENT_SSL_CERT_KEY: mangled })
  expect(problem).toContain('failed loading key from a text of')
  expect(problem).not.toContain(mangled.slice(0, 40))
})

test('authorities are the files that are named, and the system where it is', () => {
  expect(resolve({ KONG_TRUSTED_CERTIFICATE: 'a.crt' }).trusted_certificate).toEqual({
    system: false,
    pem: [pem['a.crt']],
  })
  const kong = resolve({ KONG_LUA_SSL_TRUSTED_CERTIFICATE: 'system,a.crt' })
  expect(kong.trusted_certificate).toEqual({ system: true, pem: [pem['a.crt']] })
})

test('authorities for clients are one text, each of them whole', () => {
  const bundle = `${pem['a.crt']}${pem['b.crt']}`
  writeFileSync(join(folder, 'bundle.pem'), bundle)
  const parse = (text: string) => {
    const env = { KONG_ADMIN_LISTEN: '127.0.0.1:1 ssl', KONG_ADMIN_SSL_CLIENT_CERTIFICATE: text }
    return resolve(env).admin_ssl_client_certificate
  }
  expect(parse('bundle.pem')).toBe(bundle)
  expect(parse(base64(bundle))).toBe(bundle)
  const kong = { KONG_NGINX_ADMIN_SSL_CLIENT_CERTIFICATE: 'bundle.pem' }
  expect(resolve(kong).admin_ssl_client_certificate).toBe(bundle)
  const failed = 'admin_ssl_client_certificate: failed loading certificates from'
  expect(() => parse('junk.pem')).toThrow(`${failed} junk.pem: it has no certificate`)
  expect(() => parse(base64(bundle.slice(0, -40)))).toThrow('a certificate in it is cut short')
  const mangled = `${pem['a.crt']}${pem['b.crt'].replace(/M/g, 'A')}`
  expect(() => parse(base64(mangled))).toThrow(`${failed} the inline text: `)
})

test('the APIs have pairs of their own, which must fit', () => {
  for (const name of ['admin', 'status']) {
    const setting = `KONG_${name.toUpperCase()}_SSL_CERT`
    const env = { [setting]: 'a.crt', [`${setting}_KEY`]: 'a.key' }
    expect(resolve(env)).toMatchObject({ [`${name}_ssl_cert`]: [pem['a.crt']] })
    expect(problems({ [setting]: 'a.crt' })).toEqual([`${name}_ssl_cert_key must be specified`])
    expect(problems({ ...env, [`${setting}_KEY`]: 'b.key' })).toEqual([
      `${name}_ssl_cert_key: key 1 does not belong to certificate 1 of ${name}_ssl_cert`,
    ])
  }
})
