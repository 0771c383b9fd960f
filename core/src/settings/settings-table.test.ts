import { expect, test } from 'vitest'
import { maskSettings } from './mask-settings.ts'
import { resolvePrefix } from './resolve-prefix.ts'
import { resolveSettings } from './resolve-settings.ts'
import { schema } from './schema.ts'
import { settingsTable } from './settings-table.ts'

test('the table has a row of four cells for every setting', () => {
  const rows = settingsTable().split('\n').slice(2)
  expect(rows.map((row) => /^\| `(\w+)` /.exec(row)?.[1])).toEqual(Object.keys(schema))
  expect(rows.filter((row) => row.split(' | ').length !== 4)).toEqual([])
  expect(settingsTable()).toContain('| `drain_timeout` | `5s` | duration, 0s to 1h |')
})

test('keys are never shown', () => {
  const { settings } = resolveSettings({ env: {}, cwd: '/tmp' })
  expect(maskSettings(settings)).toEqual(settings)
  const masked = maskSettings({ ...settings, ssl_cert_key: ['secret'], client_ssl_cert_key: 'x' })
  expect(masked).toMatchObject({ ssl_cert_key: '******', client_ssl_cert_key: '******' })
})

test('the prefix is found whatever else is wrong', () => {
  const env = { KONG_PREFIX: 'p', KONG_LOG_LEVEL: 'loud' }
  expect(resolvePrefix({ env, cwd: '/srv' })).toBe('/srv/p')
  expect(resolvePrefix({ env, cwd: '/srv', flags: { prefix: '/q' } })).toBe('/q')
  expect(resolvePrefix({ env: {}, cwd: '/srv' })).toBe('/srv/.kong-ts')
  expect(() => resolvePrefix({ env, cwd: '/srv', file: '/none' })).toThrow('no file at: /none')
})
