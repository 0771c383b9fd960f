/** The entities that are kept for their clients and have no effect. */
import { generateKeyPairSync } from 'node:crypto'
import { expect, test } from 'vitest'
import { create, errorOf, refused, world } from '../plan.fixture.ts'
import type { Body } from '../plan.fixture.ts'

const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const pem = {
  private_key: pair.privateKey.export({ type: 'pkcs8', format: 'pem' }),
  public_key: pair.publicKey.export({ type: 'spki', format: 'pem' }),
}
const jwk = (kid: string) => JSON.stringify({ ...pair.publicKey.export({ format: 'jwk' }), kid })

test('a consumer has a name or an id of its own, each once', () => {
  const { create: make, remove } = world()
  expect(make('consumers', { username: 'ann' })).toMatchObject({ username: 'ann', custom_id: null })
  expect(errorOf(() => make('consumers', { username: 'ann' }))).toMatchObject({ code: 5 })
  expect(make('consumers', { custom_id: 'ann' })).toMatchObject({ username: null })
  expect(refused('consumers', {})?.['fields']).toEqual({
    '@entity': ["at least one of these fields must be non-empty: 'custom_id', 'username'"],
  })
  expect(remove('consumers', 'ann')).toBe(true)
})

test('a plugin goes with its consumer', () => {
  const { create: make, remove, set } = world()
  make('consumers', { username: 'ann' })
  make('plugins', { name: 'sample', consumer: { username: 'ann' } })
  remove('consumers', 'ann')
  expect(set.count('plugins')).toBe(0)
})

test('a key is one of its set; keys of two sets may have the same kid', () => {
  const { create: make, remove, set } = world()
  make('key_sets', { name: 'one' })
  make('key_sets', { name: 'two' })
  make('keys', { kid: 'a', pem, set: { name: 'one' } })
  make('keys', { kid: 'a', jwk: jwk('a'), set: { name: 'two' } })
  expect(errorOf(() => make('keys', { kid: 'a', pem, set: { name: 'one' } }))).toMatchObject({
    code: 5,
  })
  remove('key_sets', 'one')
  expect(set.count('keys')).toBe(1)
})

test.each<[Body, Body]>([
  [{ kid: 'a' }, { '@entity': ["at least one of these fields must be non-empty: 'jwk', 'pem'"] }],
  [
    { kid: 'a', pem, jwk: jwk('a') },
    { '@entity': ["only one or none of these fields must be set: 'jwk', 'pem'"] },
  ],
  [{ pem }, { kid: 'required field missing' }],
  [{ kid: 'a', jwk: '{' }, { '@entity': ['could not json decode jwk string'] }],
  [{ kid: 'a', jwk: jwk('b') }, { '@entity': ['kid in jwk.kid must be equal to keys.kid'] }],
  [
    { kid: 'a', jwk: '{"kty":"EC","kid":"a"}' },
    { '@entity': ['could not load JWK, likely not a valid key'] },
  ],
  [{ kid: 'a', pem: { public_key: 'x' } }, { pem: 'could not load public key' }],
  [{ kid: 'a', pem: { private_key: 'x' } }, { pem: 'could not load private key' }],
  [
    {
      kid: 'a',
      pem: {
        ...pem,
        public_key: generateKeyPairSync('ed25519').publicKey.export({
          type: 'spki',
          format: 'pem',
        }),
      },
    },
    { pem: 'public key does not match private key' },
  ],
  [
    { kid: 'a', pem: {} },
    {
      pem: {
        '@entity': ["at least one of these fields must be non-empty: 'private_key', 'public_key'"],
      },
    },
  ],
])('keys refuse %#', (body, fields) => {
  expect(refused('keys', body)?.['fields']).toEqual(fields)
})

test('a symmetric key is its own octets', () => {
  const oct = JSON.stringify({ kty: 'oct', k: 'c2VjcmV0', kid: 'a' })
  expect(create('keys', { kid: 'a', jwk: oct })).toMatchObject({ jwk: oct, pem: null })
})

test('a vault is of a kind that is installed, under a prefix of its own', () => {
  expect(create('vaults', { name: 'env', prefix: 'my-env' })).toMatchObject({
    name: 'env',
    prefix: 'my-env',
    description: null,
    config: { prefix: null },
  })
  expect(create('vaults', { name: 'env', prefix: 'e2', config: { prefix: 'DB_' } })).toMatchObject({
    config: { prefix: 'DB_' },
  })
})

test.each<[Body, Body]>([
  [{ name: 'aws', prefix: 'a1' }, { name: "vault 'aws' is not installed" }],
  [{ name: 'toString', prefix: 'a1' }, { name: "vault 'toString' is not installed" }],
  [{ name: 'env', prefix: 'env' }, { prefix: 'must not be one of: env' }],
  [{ name: 'env', prefix: 'A' }, { prefix: 'invalid value: A' }],
  [{ name: 'env' }, { prefix: 'required field missing' }],
  [
    { name: 'env', prefix: 'a1', config: { prefix: '1', more: 2 } },
    { config: { prefix: 'invalid value: 1', more: 'unknown field' } },
  ],
])('vaults refuse %j', (body, fields) => {
  expect(refused('vaults', body)?.['fields']).toEqual(fields)
})
