import fc from 'fast-check'
import { isIPv4, isIPv6 } from 'node:net'
import { expect, test } from 'vitest'
import { ipv4Number, ipv6Between } from './ip-number.ts'

const ipv6Words = (text: string) => ipv6Between(text, 0, text.length)

test.each([
  '0.0.0.0',
  '255.255.255.255',
  '10.0.0.7',
  '256.0.0.1',
  '1.2.3',
  '1.2.3.4.5',
  '1.2.3.',
  '.1.2.3',
  '1..2.3',
  '01.2.3.4',
  '1.2.3.4 ',
  '1.2.3.x',
  '1.2.3.4%eth0',
  '::1',
  '::ffff:1.2.3.4',
  '',
])('%j is an IPv4 address here when it is one for Node', (text) => {
  expect(ipv4Number(text) !== undefined).toBe(isIPv4(text))
})

const hex = (text: string) =>
  [...(ipv6Words(text) ?? [])].map((word) => word.toString(16).padStart(8, '0')).join(' ')

test.each([
  ['::', '00000000 00000000 00000000 00000000'],
  ['::1', '00000000 00000000 00000000 00000001'],
  ['1::', '00010000 00000000 00000000 00000000'],
  ['2001:0DB8:0:0:0:0:0:1', '20010db8 00000000 00000000 00000001'],
  ['2001:db8::a:b', '20010db8 00000000 00000000 000a000b'],
  ['1:2:3:4:5:6:7::', '00010002 00030004 00050006 00070000'],
  ['::2:3:4:5:6:7:8', '00000002 00030004 00050006 00070008'],
  ['::ffff:10.1.2.3', '00000000 00000000 0000ffff 0a010203'],
  ['1:2:3:4:5:6:255.255.255.255', '00010002 00030004 00050006 ffffffff'],
])('%s is %s', (text, words) => {
  expect(hex(text)).toBe(words)
})

test('the number of an IPv4 address', () => {
  expect(ipv4Number('10.1.2.3')).toBe(0x0a010203)
  expect(ipv4Number('255.255.255.255')).toBe(0xffffffff)
})

const parts = fc.constantFrom(':', '::', '0', 'f', 'ffff', '12345', 'g', '.', '1.2.3.4', '256', ' ')

test('any text is an IPv6 address here when it is one for Node', () => {
  const texts = fc.oneof(
    fc.ipV6(),
    fc.array(parts, { maxLength: 18 }).map((each) => each.join('')),
  )
  const property = fc.property(texts, (text) => {
    expect([text, ipv6Words(text) !== undefined]).toEqual([text, isIPv6(text)])
  })
  expect(fc.assert(property, { numRuns: 3000 })).toBeUndefined()
})
