import { generateKeyPairSync } from 'node:crypto'
import { expect, test } from 'vitest'
import { faultOfJwk, faultOfPemPair } from './key-checks.ts'

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const pem = (key: typeof publicKey) =>
  key.export({ type: key.type === 'public' ? 'spki' : 'pkcs8', format: 'pem' })

test('a private JWK is a key, too; what is none is no fault', () => {
  const jwk = JSON.stringify({ ...privateKey.export({ format: 'jwk' }), kid: 'a' })
  expect(faultOfJwk({ jwk, kid: 'a' })).toBeUndefined()
  expect(faultOfJwk({ jwk: null, kid: 'a' })).toBeUndefined()
  expect(faultOfJwk({ jwk: '[]', kid: 'a' })).toBeDefined()
  expect(faultOfJwk({ jwk: '{"kty":"oct","kid":"a"}', kid: 'a' })).toBeDefined()
})

test('each half of a pair is enough; both have to be of one pair', () => {
  const whole = { private_key: pem(privateKey), public_key: pem(publicKey) }
  expect(faultOfPemPair({ pem: whole })).toBeUndefined()
  expect(faultOfPemPair({ pem: { ...whole, private_key: null } })).toBeUndefined()
  expect(faultOfPemPair({ pem: { ...whole, public_key: null } })).toBeUndefined()
  expect(faultOfPemPair({ pem: null })).toBeUndefined()
  const other = generateKeyPairSync('ed25519').publicKey
  expect(faultOfPemPair({ pem: { ...whole, public_key: pem(other) } })).toEqual({
    pem: 'public key does not match private key',
  })
})
