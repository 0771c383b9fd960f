import { expect, test } from 'vitest'
import { AddressList, AddressListBuilder } from './address-list.ts'

test.each([
  ['10.0.0.7', '10.0.0.7', true],
  ['10.0.0.7', '10.0.0.8', false],
  ['10.0.0.0/8', '10.255.255.255', true],
  ['10.0.0.0/8', '11.0.0.0', false],
  ['10.1.2.3/8', '10.9.9.9', true],
  ['0.0.0.0/0', '192.0.2.1', true],
  ['0.0.0.0/0', '2001:db8::1', false],
  ['10.0.0.0/8', '::ffff:10.0.0.7', true],
  ['10.0.0.0/8', '::ffff:a00:7', true],
  ['10.0.0.0/8', '::a00:7', false],
  ['::ffff:10.0.0.7', '10.0.0.7', true],
  ['::ffff:10.0.0.0/104', '10.9.9.9', true],
  ['::ffff:10.0.0.0/104', '11.0.0.1', false],
  ['2001:db8::/32', '2001:db8:1::1', true],
  ['2001:db8::/32', '2001:db9::1', false],
  ['2001:db8::1', '2001:0DB8:0:0:0:0:0:1', true],
  ['::/0', '2001:db8::1', true],
  ['::/0', '10.0.0.1', false],
  ['::/0', '::ffff:10.0.0.1', false],
  ['fe80::/10', 'fe80::1%eth0', true],
])('%s has %s: %s', (entry, address, expected) => {
  expect(AddressList.of([entry]).has(address)).toBe(expected)
})

test.each([
  '10.0.0.0/33',
  '10.0.0.0/',
  '10.0.0.0/-1',
  '10.0.0.0/8/8',
  '10.0.0.0/ 8',
  '2001:db8::/129',
  '2001:db8::/0x10',
  'fe80::1%eth0',
  'db.example',
  '/8',
  '',
])('%j is no entry', (entry) => {
  const builder = new AddressListBuilder()
  expect([builder.add(entry), builder.count]).toEqual([false, 0])
})
