import { expect, test } from 'vitest'
import { resolveSettings } from '../settings/resolve-settings.ts'
import { postgresOptions, replicaOptions } from './postgres-options.ts'

function settings(flags: Readonly<Record<string, string>> = {}) {
  return resolveSettings({ cwd: '/', env: {}, flags: { database: 'postgres', ...flags } }).settings
}

test("Kong's defaults", () => {
  expect(postgresOptions(settings())).toEqual({
    host: '127.0.0.1',
    port: 5432,
    database: 'kong',
    schema: undefined,
    user: 'kong',
    password: undefined,
    timeout: 5000,
    tls: false,
    connections: 4,
    idle: 60_000,
  })
  expect(replicaOptions(settings())).toBeUndefined()
})

test('what is not set for the read-only copy is as for the server', () => {
  const both = settings({
    pg_port: '1111',
    pg_password: 'secret',
    pg_timeout: '200',
    pg_ssl: 'on',
    pg_pool_size: '8',
    pg_max_concurrent_queries: '2',
    pg_ro_host: 'copy.example',
    pg_ro_user: 'reader',
    pg_ro_ssl: 'off',
  })
  expect(postgresOptions(both)).toMatchObject({ connections: 2, tls: { authorities: undefined } })
  expect(replicaOptions(both)).toEqual({
    ...postgresOptions(both),
    host: 'copy.example',
    user: 'reader',
    tls: false,
  })
})

test('a certificate is verified by the authorities that are trusted', () => {
  const { tls } = postgresOptions(settings({ pg_ssl: 'on', pg_ssl_verify: 'on' }))
  expect(tls && tls.authorities?.length).toBeGreaterThan(0)
})
