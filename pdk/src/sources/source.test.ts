import { expect, test } from 'vitest'
import { examineSource, nameOfSource } from './source.ts'

test.each([
  ['/etc/deny.txt', '/etc/deny.txt'],
  [
    'https://user:word@lists.example:8443/deny.txt?token=1#x',
    'https://lists.example:8443/deny.txt',
  ],
])('%s is named %s', (source, name) => {
  expect(nameOfSource(source)).toBe(name)
})

test.each([
  ['/etc/deny.txt', true],
  ['https://lists.example/deny.txt', true],
  ['http://[::1]/', true],
  ['http://[::1', false],
  ['ftp://lists.example/', false],
  ['deny.txt', false],
])('%s: %s', (source, isFit) => {
  expect(examineSource(source) === undefined).toBe(isFit)
})
