import { expect, test } from 'vitest'
import { protocolList } from './protocol-list.ts'

test('each protocol has its length in bytes before it', () => {
  expect(protocolList(['h2', 'http/1.1'])).toBe('\x02h2\x08http/1.1')
  expect(protocolList(['\u00e4'])).toBe('\x02\u00c3\u00a4')
  expect(protocolList([])).toBe('')
})

test('what cannot stand in the list is refused', () => {
  expect(() => protocolList([''])).toThrow(RangeError)
  expect(() => protocolList(['x'.repeat(256)])).toThrow(RangeError)
})
