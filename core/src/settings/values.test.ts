import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { SettingsError } from '../errors/settings-error.ts'
import { resolveSettings } from './resolve-settings.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'settings-'))
})
afterAll(() => {
  rmSync(folder, { recursive: true })
})

function resolve(env: Record<string, string> = {}) {
  return resolveSettings({ env, cwd: folder })
}

function problems(env: Record<string, string>) {
  try {
    resolve(env)
  } catch (error) {
    if (error instanceof SettingsError) return error.problems
    throw error
  }
  return []
}

test.each([
  ['ssl_session_tickets', 'yes', "ssl_session_tickets is not a boolean: 'yes' (on, off)"],
  ['max_connections', '-1', "max_connections is out of range: '-1' (0 to 10000000)"],
  ['worker_processes', 'two', "worker_processes is not a number: 'two' (auto, 1 to 256)"],
  ['worker_processes', '0', "worker_processes is out of range: '0' (1 to 256)"],
  ['nginx_worker_processes', '0', "nginx_worker_processes is out of range: '0' (1 to 256)"],
  ['transport', 'fast', "transport has an invalid value: 'fast' (auto, portable, native)"],
  ['database', 'mysql', "database has an invalid value: 'mysql' (embedded, postgres, off)"],
  [
    'pg_timeout',
    '5',
    "pg_timeout is out of range: '5' (10ms to 1h; a bare number is milliseconds, so this is 5ms)",
  ],
  [
    'pg_timeout',
    'soon',
    "pg_timeout is not a duration: 'soon' (a number with ms, s, m, h or d, such as 500ms; a bare number is milliseconds)",
  ],
  ['pg_port', '0', "pg_port is out of range: '0' (1 to 65535)"],
  ['pg_ro_ssl', 'yes', "pg_ro_ssl is not a boolean: 'yes' (on, off)"],
  ['plugins', '', 'plugins is empty (bundled, off, or names of plugins)'],
  ['plugins', 'off,a', "plugins has 'off' beside other names: 'off,a' (off alone, or names)"],
  [
    'preread_timeout',
    'soon',
    "preread_timeout is not a duration: 'soon' (a number with ms, s, m, h or d, such as 500ms; a bare number is seconds)",
  ],
  [
    'preread_timeout',
    '5000',
    "preread_timeout is out of range: '5000' (10ms to 10m; a bare number is seconds, so this is 5000s)",
  ],
  [
    'drain_timeout',
    '2h',
    "drain_timeout is out of range: '2h' (0s to 1h; a bare number is seconds)",
  ],
  [
    'preread_buffer_size',
    '16kb',
    "preread_buffer_size is not a size: '16kb' (a number of bytes, or with k, m or g, such as 16k)",
  ],
  [
    'preread_buffer_size',
    '16',
    "preread_buffer_size is out of range: '16' (512 to 1m; a bare number is bytes)",
  ],
  ['access_log', '', 'access_log is empty (off, stdout, stderr or a path)'],
  [
    'access_log',
    'syslog:server=x',
    "access_log has an invalid value: 'syslog:server=x' (off, stdout, stderr or a path; syslog is not served)",
  ],
  [
    'ssl_protocols',
    'SSLv3',
    "ssl_protocols has an invalid value: 'SSLv3' (TLSv1, TLSv1.1, TLSv1.2, TLSv1.3)",
  ],
  ['ssl_protocols', '', 'ssl_protocols is empty (some of TLSv1, TLSv1.1, TLSv1.2, TLSv1.3)'],
  [
    'ssl_ciphers',
    '{vault://env/x}',
    'ssl_ciphers: references to vaults are not served; write the value itself',
  ],
])('%s = %s is refused', (name, text, message) => {
  const variable = `KONG_${name.toUpperCase()}`
  expect(problems({ [variable]: text })).toEqual([`environment ${variable}: ${message}`])
})

test.each([
  ['drain_timeout', '0', 0],
  ['drain_timeout', '1.5', 1500],
  ['drain_timeout', '250ms', 250],
  ['drain_timeout', '2m', 120_000],
  ['ssl_session_timeout', '1h', 3_600_000],
  ['ssl_session_timeout', '2d', 172_800_000],
  ['admin_body_limit', '1G', 1024 ** 3],
  ['admin_body_limit', '2048', 2048],
  ['plugins', 'off', []],
  ['plugins', 'bundled, ./mine.ts ,@acme/guard', ['bundled', './mine.ts', '@acme/guard']],
  ['ssl_session_tickets', 'false', false],
  ['ssl_protocols', 'TLSv1.3', ['TLSv1.3']],
] as const)('%s = %s', (name, text, value) => {
  expect(resolve({ [`KONG_${name.toUpperCase()}`]: text }).settings[name]).toEqual(value)
})

test("the format after a log's path is ignored with a warning", () => {
  const { settings, warnings } = resolve({ KONG_PROXY_STREAM_ACCESS_LOG: 'logs/access.log basic' })
  expect(settings.access_log).toEqual({ path: join(folder, '.kong-ts/logs/access.log') })
  expect(warnings).toEqual([
    'environment KONG_PROXY_STREAM_ACCESS_LOG: ' +
      "proxy_stream_access_log: the log format 'basic' is ignored; there is one format",
  ])
})

test('ciphers without the custom suite are ignored with a warning', () => {
  expect(resolve({ KONG_SSL_CIPHERS: 'ECDHE' }).warnings).toEqual([
    'ssl_ciphers is ignored: ssl_cipher_suite is intermediate, not custom',
  ])
  const custom = { KONG_SSL_CIPHERS: 'ECDHE', KONG_SSL_CIPHER_SUITE: 'custom' }
  expect(resolve(custom).warnings).toEqual([])
})
