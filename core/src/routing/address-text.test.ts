import { SocketAddress } from 'node:net'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseAddress } from './address.ts'
import { addressText } from './address-text.ts'

const canonical = (text: string) => {
  const address = parseAddress(text)
  return address && addressText(address)
}

test.each([
  ['1.2.3.4', '1.2.3.4'],
  ['255.255.255.255', '255.255.255.255'],
  ['::', '::'],
  ['::1', '::1'],
  ['1::', '1::'],
  ['2001:DB8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
  ['1:0:2:0:3:0:4:0', '1:0:2:0:3:0:4:0'],
  ['0:0:1:0:0:0:2:0', '0:0:1::2:0'],
  ['::ffff:1.2.3.4', '1.2.3.4'],
  ['fe80::1%eth0', 'fe80::1'],
])('%s is written %s', (text, expected) => {
  expect(canonical(text)).toBe(expected)
})

test('any IPv6 address is written as Node writes it', () => {
  const group = fc.oneof(fc.constant(0), fc.nat(0xffff))
  fc.assert(
    fc.property(fc.array(group, { minLength: 8, maxLength: 8 }), (groups) => {
      const text = groups.map((each) => each.toString(16)).join(':')
      const { address } = new SocketAddress({ address: text, family: 'ipv6' })
      // Node ends some addresses in the dotted form.
      fc.pre(!address.includes('.'))
      expect(canonical(text)).toBe(address)
    }),
  )
})
