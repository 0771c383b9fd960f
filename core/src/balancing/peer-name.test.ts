import { expect, test } from 'vitest'
import { peerName } from './peer-name.ts'

test.each([
  ['10.0.0.1', 80, '10.0.0.1:80'],
  ['::1', 443, '[::1]:443'],
])('%s and %i are %s', (ip, port, name) => {
  expect(peerName(ip, port)).toBe(name)
})
