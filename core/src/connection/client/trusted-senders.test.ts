import { expect, test } from 'vitest'
import { TrustedSenders } from './trusted-senders.ts'

test.each([
  ['10.0.0.0/8', '10.255.0.1', true],
  ['10.0.0.0/8', '11.0.0.1', false],
  ['10.0.0.0/8', '::ffff:10.0.0.1', true],
  ['10.0.0.7', '10.0.0.7', true],
  ['10.0.0.7', '10.0.0.8', false],
  ['::ffff:10.0.0.0/104', '10.1.1.1', true],
  ['2001:db8::/32', '2001:DB8:0:1::1', true],
  ['2001:db8::/32', '2001:db9::1', false],
  ['fe80::/10', 'fe80::1%eth0', true],
  ['0.0.0.0/0', '192.0.2.1', true],
  ['0.0.0.0/0', '::1', false],
  ['::/0', '::1', true],
  ['::/0', '192.0.2.1', false],
  ['0.0.0.0/0', 'unix:', false],
  ['unix:', 'unix:', true],
  ['unix:', 'unix:/run/a.sock', true],
  ['unix:', '127.0.0.1', false],
])('%s trusts %s: %s', (entry, sender, expected) => {
  expect(new TrustedSenders(['192.0.2.77', entry]).has(sender)).toBe(expected)
})

test('without an entry nobody is trusted', () => {
  const nobody = new TrustedSenders([])
  expect(['127.0.0.1', '::1', 'unix:', ''].map((sender) => nobody.has(sender))).toEqual([
    false,
    false,
    false,
    false,
  ])
})
