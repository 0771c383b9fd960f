import { expect, test } from 'vitest'
import {
  canonicalTarget,
  faultOfTarget,
  faultOfUpstreamName,
  readTargetAddress,
} from './target-address.ts'

test.each([
  ['a.test', { kind: 'name', host: 'a.test', port: undefined }],
  ['a.test.:0', { kind: 'name', host: 'a.test.', port: 0 }],
  ['1.2.3.4:65535', { kind: 'ipv4', host: '1.2.3.4', port: 65_535 }],
  ['[::]:1', { kind: 'ipv6', host: '0000:0000:0000:0000:0000:0000:0000:0000', port: 1 }],
])('%s is read', (text, address) => {
  expect(readTargetAddress(text)).toEqual(address)
})

test('two ways to write an address are one target; what is none stays as it is', () => {
  expect(canonicalTarget('[0:0::1]')).toBe(canonicalTarget('::1'))
  expect(canonicalTarget('::1')).toBe('[0000:0000:0000:0000:0000:0000:0000:0001]:8000')
  expect(canonicalTarget('a b')).toBe('a b')
})

test('a text that is no UTF-8 is not repeated', () => {
  expect(faultOfTarget('a\ud800')).toBe('Invalid target; not a valid hostname or ip address')
  expect(faultOfUpstreamName('a\ud800')).toBe('Invalid name; must be a valid hostname')
  expect(faultOfUpstreamName('a.test')).toBeUndefined()
})
