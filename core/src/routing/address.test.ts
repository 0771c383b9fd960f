import { isIPv6 } from 'node:net'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseAddress, parseNetwork } from './address.ts'

const v6 = (...groups: number[]) => ({ family: 6, groups })
const v4 = (value: number) => ({ family: 4, value })

test.each([
  ['10.0.0.7', v4(0x0a000007)],
  ['255.255.255.255', v4(0xffffffff)],
  ['::ffff:10.0.0.7', v4(0x0a000007)],
  ['::FFFF:a00:7', v4(0x0a000007)],
  ['::', v6(0, 0, 0, 0, 0, 0, 0, 0)],
  ['fe80::1%eth0', v6(0xfe80, 0, 0, 0, 0, 0, 0, 1)],
  ['1:2:3:4:5:6:7::', v6(1, 2, 3, 4, 5, 6, 7, 0)],
  ['64:ff9b::192.0.2.33', v6(0x64, 0xff9b, 0, 0, 0, 0, 0xc000, 0x221)],
])('%s is read', (text, address) => {
  expect(parseAddress(text)).toEqual(address)
})

test.each([
  '',
  '1.2.3',
  '1.2.3.4.5',
  '1.2.3.256',
  '01.2.3.4',
  '1..2.3',
  '1.2.3.',
  'unix:/run/a',
  '1:2:3:4:5:6:7:8:9',
  '1:2:3:4:5:6:7:8::',
  '::1::',
  ':::',
  '1:',
  '12345::',
  '1.2.3.4::',
])('%j is no address', (text) => {
  expect(parseAddress(text)).toBeUndefined()
})

test('every IPv6 text that the platform takes is read the same in its long form', () => {
  fc.assert(
    fc.property(fc.ipV6(), (text) => {
      expect(isIPv6(text)).toBe(true)
      const host = new URL(`http://[${text}]`).hostname.slice(1, -1)
      expect(parseAddress(text)).toEqual(parseAddress(host))
      expect(parseAddress(text)).toBeDefined()
    }),
  )
})

test.each([
  ['10.1.2.3', { address: v4(0x0a010203), prefix: 32 }],
  ['10.0.0.0/8', { address: v4(0x0a000000), prefix: 8 }],
  ['::ffff:10.0.0.0/104', { address: v4(0x0a000000), prefix: 8 }],
  ['::ffff:10.0.0.0/80', { address: v6(0, 0, 0, 0, 0, 0xffff, 0x0a00, 0), prefix: 80 }],
  ['fd00::/8', { address: v6(0xfd00, 0, 0, 0, 0, 0, 0, 0), prefix: 8 }],
])('%s is a network', (text, network) => {
  expect(parseNetwork(text)).toEqual(network)
})

test.each(['10.0.0.0/33', '10.0.0.0/', '10.0.0.0/-1', 'fd00::/129', '10.0.0.0/8.5', 'a/8'])(
  '%s is no network',
  (text) => {
    expect(parseNetwork(text)).toBeUndefined()
  },
)
