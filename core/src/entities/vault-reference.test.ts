import { expect, test } from 'vitest'
import { isVaultReference, readVaultReference } from './vault-reference.ts'

test.each([
  ['{vault://env/my-cert}', { vault: 'env', secret: 'my-cert', member: undefined }],
  [
    '{vault://my-env/tls/cert?ttl=60&neg_ttl=1}',
    { vault: 'my-env', secret: 'tls', member: 'cert' },
  ],
  ['{vault://env/a%20b/%zz}', { vault: 'env', secret: 'a b', member: '%zz' }],
])('%s', (text, reference) => {
  expect(readVaultReference(text)).toEqual(reference)
})

test.each(['', 'vault://env/x', '{vault://env/}', '{vault://ENV/x}', '{vault://env/a/b/c}', '{x}'])(
  '%j is none',
  (text) => {
    expect(readVaultReference(text)).toBeUndefined()
    expect(isVaultReference(text)).toBe(false)
  },
)

test('what is no text is none', () => {
  expect(isVaultReference(null)).toBe(false)
  expect(isVaultReference('{vault://env/x}')).toBe(true)
})
