import { expect, test } from 'vitest'
import { checkSourceFields } from './source-fields.ts'

test('what is no certificate is told by its field, and none is as good as one', () => {
  expect(checkSourceFields({})).toBeUndefined()
  expect(checkSourceFields({ tls_ca: 'nonsense' })).toBe('config.tls_ca is no certificate in PEM')
})
