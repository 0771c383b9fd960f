import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, expectTypeOf, test } from 'vitest'
import { SettingsError } from '../errors/settings-error.ts'
import type { Listen } from './listen.ts'
import { resolveSettings, type SettingsInput } from './resolve-settings.ts'
import type { Settings } from './schema.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'settings-'))
})
afterAll(() => {
  rmSync(folder, { recursive: true })
})

function resolve(env: Record<string, string> = {}, rest: Partial<SettingsInput> = {}) {
  return resolveSettings({ env, cwd: folder, ...rest })
}

function problems(env: Record<string, string>, rest: Partial<SettingsInput> = {}) {
  try {
    resolve(env, rest)
  } catch (error) {
    if (error instanceof SettingsError) return error.problems
    throw error
  }
  return []
}

function conf(text: string): string {
  const file = join(folder, 'kong.conf')
  writeFileSync(file, text)
  return file
}

test('without any source every setting has its default', () => {
  const { settings, warnings } = resolve()
  expect(warnings).toEqual([])
  expect(settings).toMatchObject({
    prefix: join(folder, '.kong-ts'),
    stream_listen: [{ address: '0.0.0.0', port: 5555, ssl: false, backlog: 16384 }],
    admin_listen: [{ address: '127.0.0.1', port: 8001 }],
    status_listen: [],
    database: 'embedded',
    plugins: ['bundled'],
    worker_processes: availableParallelism(),
    log_level: 'notice',
    transport: 'auto',
    access_log: 'stdout',
    error_log: 'stderr',
    admin_access_log: 'off',
    drain_timeout: 5000,
    preread_timeout: 3000,
    preread_silence: 300,
    preread_buffer_size: 16384,
    tls_handshake_timeout: 10_000,
    plugin_timeout: 10_000,
    max_connections: 0,
    ssl_cert: [],
    ssl_cert_key: [],
    ssl_cipher_suite: 'intermediate',
    ssl_ciphers: undefined,
    ssl_protocols: ['TLSv1.2', 'TLSv1.3'],
    ssl_session_tickets: true,
    ssl_session_timeout: 86_400_000,
    client_ssl: false,
    client_ssl_cert: undefined,
    client_ssl_cert_key: undefined,
    trusted_certificate: { system: true, pem: [] },
    tcp_keepalive: 60_000,
    admin_body_limit: 10 * 1024 * 1024,
    admin_insecure: false,
  })
  expect(Object.isFrozen(settings)).toBe(true)
  expect(Object.isFrozen(settings.stream_listen[0])).toBe(true)
})

test('the types follow the schema', () => {
  expectTypeOf<Settings['stream_listen']>().toEqualTypeOf<readonly Listen[]>()
  expectTypeOf<Settings['transport']>().toEqualTypeOf<'auto' | 'portable' | 'native'>()
  expectTypeOf<Settings['ssl_ciphers']>().toEqualTypeOf<string | undefined>()
  expectTypeOf<Settings['drain_timeout']>().toEqualTypeOf<number>()
})

describe('sources', () => {
  test('a flag beats the environment, which beats the file, which beats the default', () => {
    const file = conf('prefix = a\nlog_level = debug # as Kong does\nplugin_timeout = 1s\n')
    const { settings } = resolve(
      { KONG_PREFIX: 'b', KONG_LOG_LEVEL: 'warn' },
      { file, flags: { prefix: 'c' } },
    )
    expect(settings).toMatchObject({
      prefix: join(folder, 'c'),
      log_level: 'warn',
      plugin_timeout: 1000,
      drain_timeout: 5000,
    })
  })

  test('a hash starts a comment unless it is escaped', () => {
    const file = conf('# a comment\n\naccess_log = logs/a\\#b.log # another\n')
    expect(resolve({}, { file }).settings.access_log).toEqual({
      path: join(folder, '.kong-ts', 'logs/a#b.log'),
    })
  })

  test('a line that is no assignment is named with its place, and so is a missing file', () => {
    const file = conf('log_level = info\nwhatever\n')
    expect(problems({}, { file })).toEqual([`${file}:2: 'whatever' is not of form: key = value`])
    expect(problems({}, { file: '/nowhere/kong.conf' })).toEqual(['no file at: /nowhere/kong.conf'])
  })

  test('of two lines for one setting the last counts, and the other is mentioned', () => {
    const file = conf('log_level = info\nlog_level = warn\n')
    const { settings, warnings } = resolve({}, { file })
    expect(settings.log_level).toBe('warn')
    expect(warnings).toEqual([
      `${file}:1: log_level is ignored: log_level at ${file}:2 sets the same`,
    ])
  })

  test("Kong's names work, and our own goes first", () => {
    expect(resolve({ KONG_NGINX_WORKER_PROCESSES: '3' }).settings.worker_processes).toBe(3)
    const { settings, warnings } = resolve({
      KONG_PROXY_ACCESS_LOG: 'off',
      KONG_PROXY_STREAM_ACCESS_LOG: '/dev/stderr',
    })
    expect(settings.access_log).toBe('stderr')
    expect(warnings).toEqual([
      'environment KONG_PROXY_ACCESS_LOG: proxy_access_log is ignored: ' +
        'proxy_stream_access_log at environment KONG_PROXY_STREAM_ACCESS_LOG sets the same',
    ])
  })

  test('an alias in a stronger source beats the name in a weaker one', () => {
    const file = conf('worker_processes = 2\n')
    const { settings } = resolve({ KONG_NGINX_WORKER_PROCESSES: '4' }, { file })
    expect(settings.worker_processes).toBe(4)
  })

  test('every problem is reported at once, with its place', () => {
    const file = conf('log_level = loud\n')
    expect(problems({ KONG_MAX_CONNECTIONS: 'many' }, { file, flags: { prefix: '' } })).toEqual([
      'flag --prefix: prefix is empty (a path)',
      `${file}:1: log_level has an invalid value: 'loud' (debug, info, notice, warn, error, crit, alert, emerg)`,
      "environment KONG_MAX_CONNECTIONS: max_connections is not a number: 'many' (a whole number, 0 to 10000000)",
    ])
  })
})

describe('names that are not ours', () => {
  test.each([
    'proxy_listen',
    'nginx_sproxy_proxy_timeout',
    'lua_socket_pool_size',
    'mem_cache_size',
    'cluster_cert',
    'vaults',
    'pg_backlog',
    'pg_semaphore_timeout',
    'dns_no_sync',
  ])("Kong's %s is ignored with a warning, also when strict", (name) => {
    const env = { [`KONG_${name.toUpperCase()}`]: 'x' }
    const { warnings } = resolve(env, { strict: true })
    expect(warnings).toHaveLength(1)
    expect(warnings[0]).toContain(`${name} is a setting of Kong's that means nothing here`)
  })

  test('a server that is named and not used is a warning', () => {
    const env = { KONG_PG_HOST: 'db.example', KONG_PG_USER: 'me' }
    expect(resolve(env).warnings).toEqual([
      'pg_host, pg_user: ignored, since database is embedded, not postgres',
    ])
    expect(resolve({ ...env, KONG_DATABASE: 'postgres' }).warnings).toEqual([])
  })

  test('an unknown one is a warning that guesses, and an error when strict', () => {
    const line =
      'environment KONG_STREAM_LISTN: stream_listn is not a setting; did you mean stream_listen?'
    expect(resolve({ KONG_STREAM_LISTN: 'off' }).warnings).toEqual([line])
    expect(problems({ KONG_STREAM_LISTN: 'off' }, { strict: true })).toEqual([line])
    expect(resolve({ KONG_QZQZQZQZ: '' }).warnings).toEqual([
      'environment KONG_QZQZQZQZ: qzqzqzqz is not a setting',
    ])
  })
})
