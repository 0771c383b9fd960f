import { expect, test } from 'vitest'
import { createTransport } from './transport.ts'

test('auto takes what is there; what is not there is refused by name', () => {
  expect(createTransport('auto').name).toBe('portable')
  expect(createTransport('portable').name).toBe('portable')
  expect(() => createTransport('native')).toThrow('transport = native')
})
