import { expect, test } from 'vitest'
import type { Certificate, Vault } from '../entities/rows.ts'
import { Secrets } from './secrets.ts'

const common = { created_at: 1, updated_at: 1, tags: null }
const row = (cert: string, key = 'k', more: Partial<Certificate> = {}): Certificate => ({
  ...common,
  id: 'c',
  cert,
  key,
  cert_alt: null,
  key_alt: null,
  ...more,
})
const vault = (prefix: string, begin: string | null): Vault => ({
  ...common,
  id: prefix,
  prefix,
  name: 'env',
  description: null,
  config: { prefix: begin },
})
const environment = { MY_CERT: 'pem', DB_MY_CERT: 'of db', BOTH: '{"cert":"c","key":"s","n":1}' }

test('what is no reference stays as it is', () => {
  expect(new Secrets({}).resolve(row('c'))).toEqual(row('c'))
})

test('a reference is the variable of its name', () => {
  const secrets = new Secrets(environment)
  expect(secrets.resolve(row('{vault://env/my-cert}'))).toEqual(row('pem'))
  const both = row('{vault://env/both/cert}', '{vault://env/both/key}')
  expect(secrets.resolve(both)).toEqual(row('c', 's'))
  const second = { cert_alt: '{vault://env/my-cert}', key_alt: 'k2' }
  expect(secrets.resolve(row('c', 'k', second))).toMatchObject({ cert_alt: 'pem', key_alt: 'k2' })
})

test('a vault has its own prefix, as long as it is there', () => {
  const secrets = new Secrets(environment)
  const certificate = row('{vault://my-env/my-cert}')
  expect(secrets.resolve(certificate)).toBeUndefined()
  secrets.put(vault('my-env', 'db_'))
  expect(secrets.resolve(certificate)).toEqual(row('of db'))
  secrets.put(vault('my-env', null))
  expect(secrets.resolve(certificate)).toEqual(row('pem'))
  secrets.delete('my-env')
  expect(secrets.resolve(certificate)).toBeUndefined()
})

test.each(['nobody', 'both/n', 'both/none', 'my-cert/member'])('%s is not found', (secret) => {
  expect(new Secrets(environment).resolve(row(`{vault://env/${secret}}`))).toBeUndefined()
})
