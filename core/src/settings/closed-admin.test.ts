import { expect, test } from 'vitest'
import { SettingsError } from '../errors/settings-error.ts'
import { adminWarnings, closedAdmin } from './closed-admin.ts'
import { pem } from './pem.fixture.ts'
import { resolveSettings } from './resolve-settings.ts'

const token = 'sixteen-letters!'
const authority = Buffer.from(pem['a.crt']).toString('base64')

const resolve = (flags: Record<string, string>) => resolveSettings({ env: {}, cwd: '/tmp', flags })

function problems(flags: Record<string, string>): readonly string[] {
  try {
    resolve(flags)
  } catch (error) {
    if (error instanceof SettingsError) return error.problems
    throw error
  }
  return []
}

const open = ['0.0.0.0:8001', '10.0.0.1:8001', '[::]:8001', '[::ffff:10.0.0.1]:8001']

test.each(open)('the Admin API is not opened on %s without a proof of who comes', (address) => {
  const [problem = ''] = problems({ admin_listen: address })
  expect(problem).toContain(`admin_listen: '${address}' can be reached by other machines`)
  expect(problem).toContain('the flag ssl and set admin_ssl_client_certificate; or set admin_token')
  expect(problem).toContain('or set admin_insecure = on')

  const known = { admin_ssl_client_certificate: authority }
  expect(problems({ admin_listen: `${address} ssl`, ...known })).toEqual([])
  expect(problems({ admin_listen: address, admin_token: token })).toEqual([])
  expect(problems({ admin_listen: address, admin_insecure: 'on' })).toEqual([])

  // Each of these is half of a way.
  expect(problems({ admin_listen: `${address} ssl` })).toHaveLength(1)
  expect(problems({ admin_listen: address, ...known })).toHaveLength(1)
  expect(problems({ admin_listen: address, admin_token: '' })).toHaveLength(1)
})

test('each address has to be safe by itself', () => {
  const flags = {
    admin_listen: '127.0.0.1:1, 0.0.0.0:2 ssl, 0.0.0.0:3, 10.0.0.1:4',
    admin_ssl_client_certificate: authority,
  }
  expect(problems(flags).map((text) => /'(.*?)'/.exec(text)?.[1])).toEqual([
    '0.0.0.0:3',
    '10.0.0.1:4',
  ])
})

test.each([
  '127.8.0.1:8001',
  '[::1]:8001',
  'localhost:8001',
  'unix:/tmp/admin.sock',
  '[::ffff:127.0.0.1]:1',
  'off',
])('on %s it needs nothing', (text) => {
  expect(problems({ admin_listen: text })).toEqual([])
})

test('the Status API may listen anywhere', () => {
  expect(problems({ status_listen: '0.0.0.0:8100' })).toEqual([])
})

test('what is half safe is mentioned', () => {
  const warnings = (flags: Record<string, string>) => resolve(flags).warnings
  expect(warnings({ admin_listen: '0.0.0.0:8001', admin_token: token })).toEqual([
    "admin_listen: admin_token travels in clear over '0.0.0.0:8001'; give that address the flag ssl",
  ])
  expect(warnings({ admin_listen: '0.0.0.0:8001 ssl', admin_token: token })).toEqual([])
  expect(warnings({ admin_listen: '127.0.0.1:8001', admin_token: token })).toEqual([])
  expect(warnings({ admin_ssl_client_certificate: authority })).toEqual([
    'admin_ssl_client_certificate is ignored: no address of admin_listen has the flag ssl',
  ])
})

test('of what did not parse nothing is said', () => {
  const { settings } = resolve({ admin_listen: '0.0.0.0:8001 ssl', admin_insecure: 'on' })
  const closed = { ...settings, admin_insecure: false }
  expect(closedAdmin(closed)).toHaveLength(1)
  const { admin_token: _token, ...withoutToken } = closed
  const { admin_ssl_client_certificate: _authority, ...withoutAuthority } = closed
  const { admin_insecure: _insecure, ...withoutWish } = closed
  for (const partial of [withoutToken, withoutAuthority, withoutWish]) {
    expect(closedAdmin(partial)).toEqual([])
  }
  expect(adminWarnings(settings)).toEqual([])
})
