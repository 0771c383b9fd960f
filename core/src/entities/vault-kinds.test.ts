import { expect, test } from 'vitest'
import { refineVault } from './vault-kinds.ts'

test('the configuration is completed by the kind', () => {
  const row = { name: 'env', config: null }
  expect(refineVault(row)).toEqual({ ok: true, row: { name: 'env', config: { prefix: null } } })
})

test('what the kind does not know is a fault', () => {
  expect(refineVault({ name: 'env', config: { more: 1 } })).toEqual({
    ok: false,
    errors: { config: { more: 'unknown field' } },
  })
})
